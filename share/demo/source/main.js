// The page of `sluice demo`: one stream, four channels, and what an operator wants to know of it.
import './demo.css';
import { brokerButtons } from './brokers.js';
import { connect, matcher } from '../../client/sluice-client.js';
import { Building } from './building.js';
import { at, clock, count, make, Sparkline, write } from './dom.js';
import { Flights } from './flights.js';
import { Latency } from './latency.js';
import { watchMetrics } from './metrics.js';
import { Network } from './network.js';
import { pauseButtons } from './pause.js';
import { Picture } from './picture.js';
import { Prices } from './prices.js';
import { Proof } from './proof.js';
import { Shop } from './shop.js';
import { readSlowly } from './slow.js';

const CUT_MS = 5000, LOG_LINES = 40, WINDOW_MS = 30_000;
const CHANNELS = { shop: 'orders/{region}', building: 'building', prices: 'prices', flights: 'flights' };
const WITH_PICTURE = [CHANNELS.shop, CHANNELS.building]; // the others show what happens, not what stands

const shop = new Shop(), building = new Building(), prices = new Prices(), flights = new Flights();
const proof = new Proof((text) => say(text, 'bad')), latency = new Latency(WINDOW_MS);
let events = 0, cutAt = 0;
let back = null; // after a cut: { since, events } until everything has come

function say(text, kind = '') {
  at('log').prepend(make('li', { className: kind }, make('time', { textContent: clock() }), ` ${text}`));
  while (at('log').children.length > LOG_LINES) at('log').lastChild.remove();
}

// ---- the stream

const STATES = { idle: 'all paused', connecting: 'connecting', 'catching-up': 'catching up', live: 'live',
  offline: 'no connection', closed: 'refused', cut: 'cut by you' };

const network = new Network();
const client = connect({ channels: Object.values(CHANNELS), fetch: network.fetch, snapshot: (gaps) => repaint(gaps) });
const picture = new Picture(WITH_PICTURE, { fetch: network.fetch });

function showState() {
  const name = network.isCut ? 'cut' : client.state;
  write(at('state'), STATES[name]);
  at('state').className = `pill ${name}`;
}

client.on('state', showState);
client.on('error', ({ message, final }) => final && say(`the node refuses: ${message}`, 'bad'));

let isFirst = true;
client.on('open', () => {
  if (isFirst) paint();
  isFirst = false;
  if (cutAt) back = { since: Date.now(), events: 0, doubled: proof.doubled, lost: proof.lost, told: proof.told };
});

function paint() {
  picture.load((latest, isNewer) => {
    say(`${count(latest.length)} latest values as the first picture`);
    shop.picture(latest.filter(({ type }) => type === 'order'), isNewer);
    for (const event of latest) if (event.type === 'reading') building.reading(event);
  });
}

/** What is gone may have changed what stands. */
function repaint(gaps) {
  const takes = WITH_PICTURE.map(matcher);
  if (gaps.some(({ channel }) => !channel || takes.some((one) => one(channel)))) paint();
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
}

const show = {
  order: (event) => shop.order(event),
  delete: (event) => shop.refund(event),
  reading: (event) => building.reading(event),
  price: (event) => prices.price(event),
  flight: (event) => flights.flight(event),
};

client.on('*', '*', (event) => {
  ++events;
  picture.touch(event);
  if (event.data.retained !== true) numbered(event);
  show[event.type]?.(event);
});

function numbered({ type, channel, data }) {
  if (type === 'delete') return proof.sawUnnumbered(channel);
  if (typeof data.seq !== 'number') return; // a last will, say
  proof.saw(channel, data.seq);
  const now = Date.now();
  if (back && data.at < back.since) return void ++back.events;
  if (back) caughtUp();
  latency.add(now, now - data.at);
}

client.on('gap', (gap) => {
  proof.gap(gap.mayRepeat === true, gap.channel ? (name) => name === gap.channel : undefined);
  const many = gap.atMost ? `, at most ${count(gap.atMost)} events` : '';
  say(`gap told: ${gap.reason} (${gap.input ?? gap.channel ?? 'this stream'})${many}`, 'warn');
});

// ---- the buttons

at('cut').onclick = () => {
  if (network.isCut) return;
  cutAt = Date.now();
  back = null;
  network.cut(CUT_MS);
  showState();
  say(`you cut the connection; it comes back in ${CUT_MS / 1000} s with the id of the last event`);
};

pauseButtons(CHANNELS, (channel, isPaused) => {
  if (isPaused) return client.unsubscribe(channel);
  proof.restart(matcher(channel));
  client.subscribe(channel);
  if (WITH_PICTURE.includes(channel)) paint();
}, say);

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
