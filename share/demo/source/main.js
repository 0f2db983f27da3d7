// The page of `sluice demo`: one stream, four channels, and what an operator wants to know of it.
import './demo.css';
import { brokerButtons } from './brokers.js';
import { Building } from './building.js';
import { at, clock, count, make, Sparkline, write } from './dom.js';
import { Flights } from './flights.js';
import { Latency } from './latency.js';
import { watchMetrics } from './metrics.js';
import { Prices } from './prices.js';
import { Proof } from './proof.js';
import { Shop } from './shop.js';
import { readSlowly } from './slow.js';
import { Stream } from './stream.js';

const CUT_MS = 5000, LOG_LINES = 40, WINDOW_MS = 30_000;
const URL_OF_STREAM = '/events?channels=orders/{region},building,prices,flights&from=snapshot&envelope=json';

const shop = new Shop(), building = new Building(), prices = new Prices(), flights = new Flights();
const proof = new Proof((text) => say(text, 'bad')), latency = new Latency(WINDOW_MS);
let isInSnapshot = false, events = 0, cutAt = 0;
let back = null; // after a cut: { since, events } until everything has come

function say(text, kind = '') {
  at('log').prepend(make('li', { className: kind }, make('time', { textContent: clock() }), ` ${text}`));
  while (at('log').children.length > LOG_LINES) at('log').lastChild.remove();
}

// ---- the stream

const STATES = { connecting: 'connecting', live: 'live', cut: 'cut by you', refused: 'refused', 'catching up': 'catching up' };

function showState(name) {
  write(at('state'), STATES[name]);
  at('state').className = `pill ${name.replace(' ', '-')}`;
}

function onState(name) {
  if (name === 'live' && cutAt) {
    back = { since: Date.now(), events: 0, doubled: proof.doubled, lost: proof.lost, told: proof.told };
    showState('catching up');
    return;
  }
  showState(name);
}

/** The first event that is younger than the connection ends catching up. */
function caughtUp() {
  const away = ((back.since - cutAt) / 1000).toFixed(1), took = Date.now() - back.since;
  const told = proof.told - back.told;
  say(`back after ${away} s: ${count(back.events)} events caught up in ${took} ms, ${
    count(proof.lost - back.lost)} lost, ${count(proof.doubled - back.doubled)} doubled${
    told ? `, ${count(told)} gone and told as a gap` : ''}`, 'good');
  back = null;
  cutAt = 0;
  showState('live');
}

function onEvent(type, event) {
  ++events;
  const isLive = !isInSnapshot && event.data.retained !== true;
  if (isLive) numbered(type, event);
  if (type === 'order') shop.order(event, isLive);
  else if (type === 'delete') shop.refund(event, isLive);
  else if (type === 'reading') building.reading(event);
  else if (type === 'price') prices.price(event);
  else if (type === 'flight') flights.flight(event);
}

function numbered(type, { channel, data }) {
  if (type === 'delete') return proof.sawUnnumbered(channel);
  if (typeof data.seq !== 'number') return; // a last will, say
  proof.saw(channel, data.seq);
  const now = Date.now();
  if (back && data.at < back.since) return void ++back.events;
  if (back) caughtUp();
  latency.add(now, now - data.at);
}

function onControl(type, data) {
  if (type === 'sluice.open' && data.snapshot) {
    isInSnapshot = true;
    proof.restart();
    shop.clear();
    building.clear();
  } else if (type === 'sluice.sync') {
    isInSnapshot = false;
    say(`connected; ${count(data.count)} latest values as the first picture`);
  } else if (type === 'sluice.gap') {
    for (const gap of [data].flat()) told(gap);
  }
}

function told(gap) {
  proof.gap(gap.mayRepeat === true);
  const many = gap.atMost ? `, at most ${count(gap.atMost)} events` : '';
  say(`gap told: ${gap.reason} (${gap.input ?? gap.channel ?? 'this stream'})${many}`, 'warn');
}

const stream = new Stream(URL_OF_STREAM, ['order', 'delete', 'reading', 'price', 'flight'],
  { state: onState, event: onEvent, control: onControl });

// ---- the buttons

at('cut').onclick = () => {
  cutAt = Date.now();
  back = null;
  stream.cut(CUT_MS);
  say(`you cut the connection; it comes back in ${CUT_MS / 1000} s with the id of the last event`);
};

let slow = null;
at('slow').onclick = async () => {
  if (slow) return slow.abort();
  slow = new AbortController();
  at('slow').setAttribute('aria-pressed', 'true');
  write(at('slow'), 'End the slow reader');
  at('slow-says').hidden = false;
  write(at('slow-says'), 'A second stream reads 2 MB/s far too slowly …');
  say('a slow reader has come; watch p99: nobody waits for it');
  let isTold = false;
  try {
    await readSlowly(slow.signal, ({ kibPerS, events, told, lost }) => {
      write(at('slow-says'), `The slow reader takes ${count(Math.round(kibPerS))} KiB/s: ${count(events)} events, ${
        count(told)} left out and told, ${count(lost)} lost without a word`);
      at('slow-says').dataset.told = told;
      if (told && !isTold) say(`the slow reader is told what it does not get: ${count(told)} events so far`, 'warn');
      isTold ||= told > 0;
    });
  } catch (error) {
    if (error.name !== 'AbortError') say(`the slow reader: ${error.message}`, 'bad');
  }
  slow = null;
  at('slow').setAttribute('aria-pressed', 'false');
  write(at('slow'), 'A slow reader');
  say('the slow reader has gone');
};

// ---- the figures

const sparks = Object.fromEntries(['received', 'delivered', 'p99'].map((name) =>
  [name, new Sparkline(at(`${name}-spark`))]));

function showRate(id, rate) {
  write(at(id), rate === null ? '–' : count(Math.round(rate)));
  if (rate !== null) sparks[id].add(rate);
}

let isNodeThere = true;
watchMetrics('/metrics', 1000, (node) => {
  if (!node !== !isNodeThere) say(node ? 'the node answers again' : 'the node does not answer', node ? 'good' : 'bad');
  isNodeThere = node !== null;
  if (!node) return;
  showRate('received', node.receivedRate);
  showRate('delivered', node.deliveredRate);
  write(at('subscribers'), count(node.subscribers));
  write(at('gaps'), count(node.gaps));
  for (const element of document.querySelectorAll('[data-input]')) {
    const state = node.states[element.dataset.input] ?? 'unknown';
    if (element.dataset.state && element.dataset.state !== state)
      say(`input ${element.dataset.input}: ${element.dataset.state} → ${state}`, state === 'running' ? 'good' : 'warn');
    element.dataset.state = state;
    write(element.lastElementChild, state);
  }
});

function milliseconds(value) {
  return Number.isNaN(value) ? '–' : value < 10 ? value.toFixed(1) : count(Math.round(value));
}

setInterval(() => {
  const [p50, p99] = latency.quantiles(Date.now(), [0.5, 0.99]);
  write(at('p50'), milliseconds(p50));
  write(at('p99'), milliseconds(p99));
  if (!Number.isNaN(p99)) sparks.p99.add(p99);
  at('latency-note').hidden = !(p50 < 0);
}, 1000);

setInterval(() => {
  write(at('events'), count(events));
  write(at('checked'), count(proof.checked));
  for (const [id, value] of [['lost', proof.lost], ['doubled', proof.doubled]]) {
    write(at(id), count(value));
    at(id).classList.toggle('bad', value > 0);
  }
  write(at('told'), count(proof.told));
}, 250);

// ---- the start

async function past(channel, query) {
  const answer = await fetch(`/history/${channel}?${query}`);
  return answer.ok ? (await answer.json()).events : [];
}

fetch('site.json').then((answer) => answer.json()).then((site) => {
  write(at('mode'), site.mode);
  brokerButtons(site, say);
}, (error) => say(`site.json: ${error.message}`, 'bad'));
prices.start(past('prices', 'from=-1000&limit=1000').catch(() => []));
flights.start();
stream.connect();
