// The console of the admin listener: asks once a second what /inputs, /mappings, /channels,
// /subscribers and /metrics say, and shows it. No framework, no build.

const SECOND = 1000;
const byId = (id) => document.getElementById(id);
const number = new Intl.NumberFormat('en-US');
const VIEWS = ['inputs', 'mappings', 'channels', 'readers', 'tap', 'try'];

// ---- asking ----

class Refused extends Error {
  constructor(status, body) {
    const error = body?.error ?? {};
    super([error.message ?? `status ${status}`, error.hint].filter(Boolean).join('; '));
    this.status = status;
    this.body = body;
  }
}

async function ask(path, options = {}) {
  const key = sessionStorage.getItem('sluice-key');
  const headers = key ? {Authorization: `Bearer ${key}`} : {};
  const response = await fetch(path, {...options, headers, cache: 'no-store'});
  const isJson = (response.headers.get('Content-Type') ?? '').includes('json');
  const body = isJson ? await response.json() : await response.text();
  if (!response.ok) throw new Refused(response.status, body);
  return body;
}

// ---- writing ----

// An element: h('td', {class: 'n'}, 'text', child ...). Text is always text, never HTML.
function h(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key === 'style') element.style.cssText = value; // as an attribute our policy refuses it
    else if (key.startsWith('on')) element.addEventListener(key.slice(2), value);
    else if (value !== undefined && value !== '') element.setAttribute(key, value);
  }
  element.append(...children.filter((child) => child !== undefined && child !== null));
  return element;
}

const n = (value) => h('td', {class: 'n'}, typeof value === 'number' ? number.format(value) : value);

function bytes(count) {
  const units = ['B', 'KiB', 'MiB', 'GiB'];
  let unit = 0;
  while (count >= 1024 && unit < units.length - 1) { count /= 1024; ++unit; }
  return `${count < 10 && unit ? count.toFixed(1) : Math.round(count)} ${units[unit]}`;
}

function ago(ms) {
  if (!ms) return 'never';
  const seconds = Math.max(0, Math.round((Date.now() - ms) / 1000));
  if (seconds < 60) return `${seconds} s ago`;
  return seconds < 3600 ? `${Math.round(seconds / 60)} min ago` : `${Math.round(seconds / 3600)} h ago`;
}

function duration(ms) {
  if (ms < 1000) return `${ms} ms`;
  const seconds = ms / 1000;
  if (seconds < 60) return `${seconds < 10 ? seconds.toFixed(1) : Math.round(seconds)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172800 ? `${Math.round(seconds / 3600)} h` : `${Math.round(seconds / 86400)} d`;
}

function rows(view, list, columns, none) {
  const body = byId(`view-${view}`).querySelector('tbody');
  // Rows are made anew; who stands on a button stays there.
  const focused = body.contains(document.activeElement) && document.activeElement.getAttribute('aria-label');
  body.replaceChildren(...list);
  if (focused) body.querySelector(`[aria-label=${CSS.escape(focused)}]`)?.focus({preventScroll: true});
  if (list.length === 0) body.append(h('tr', {}, h('td', {class: 'none', colspan: columns}, none)));
}

// ---- what changes from one look to the next ----

class Rates {
  #before = new Map();
  #now = new Map();
  #beforeMs = 0;
  #nowMs = 0;

  turn() {
    this.#before = this.#now;
    this.#beforeMs = this.#nowMs;
    this.#now = new Map();
    this.#nowMs = performance.now();
  }
  // Per second since the look before; null at the first one.
  of(name, count) {
    this.#now.set(name, count);
    if (!this.#before.has(name)) return null;
    return Math.max(0, count - this.#before.get(name)) / ((this.#nowMs - this.#beforeMs) / 1000);
  }
  text(name, count) {
    const rate = this.of(name, count);
    if (rate === null) return '–';
    return rate < 10 ? rate.toFixed(1) : number.format(Math.round(rate));
  }
}
const rates = new Rates();

// Prometheus' text format, as far as this page reads it: [{name, labels, value}].
function parseMetrics(text) {
  const samples = [];
  for (const line of text.split('\n')) {
    const found = /^(\w+)(?:\{(.*)\})? (\S+)/.exec(line);
    if (!found) continue;
    const labels = {};
    for (const [, label, value] of (found[2] ?? '').matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)) labels[label] = value;
    samples.push({name: found[1], labels, value: Number(found[3])});
  }
  return samples;
}
const total = (samples, name) =>
  samples.filter((sample) => sample.name === name).reduce((sum, sample) => sum + sample.value, 0);

// ---- views ----

function showFigures(samples) {
  const figure = (label, value, unit = '') =>
    h('div', {}, h('dl', {style: 'margin:0'}, h('dt', {}, label), h('dd', {}, value, ' ', h('small', {}, unit))));
  const perSecond = (metric) => rates.text(metric, total(samples, metric));
  document.querySelector('.figures').replaceChildren(
    figure('Received', perSecond('sluice_messages_total'), '/s'),
    figure('Delivered', perSecond('sluice_deliveries_total'), '/s'),
    figure('Readers', number.format(total(samples, 'sluice_subscribers'))),
    figure('Channels', number.format(total(samples, 'sluice_channels'))),
    figure('History', bytes(total(samples, 'sluice_history_bytes'))),
    figure('Gaps told', number.format(total(samples, 'sluice_gaps_total'))));
}

function stateOf(input) {
  const tone = {running: 'good', connecting: 'warm', degraded: 'warm', failed: 'bad'}[input.state] ?? 'dim';
  const why = [input.code, input.text].filter(Boolean).join(': ');
  return h('td', {}, h('span', {class: tone}, input.state), h('div', {class: 'note'}, why));
}

function showInputs({inputs}) {
  const sum = (counts) => Object.values(counts).reduce((a, b) => a + b, 0);
  rows('inputs', inputs.map((input) => {
    const m = input.messages;
    const rejected = sum(m.rejected);
    return h('tr', {},
      h('td', {}, h('b', {}, input.name), h('div', {class: 'note'}, `${input.plugin} ${input.version}`)),
      stateOf(input), n(rates.text(`input ${input.name}`, m.received)),
      h('td', {class: input.lag > 0 ? 'n warm' : 'n'}, number.format(input.lag)),
      n(m.mapped), n(m.filtered), n(m.unmatched), h('td', {class: rejected ? 'n bad' : 'n'}, number.format(rejected)),
      n(m.redelivered), n(input.lost), n(input.restarts));
  }), 11, 'This node has no inputs.');
  fill('input-names', inputs.map((input) => input.name));
}

function showMappings({mappings}) {
  rows('mappings', mappings.map((mapping) => {
    const sample = mapping.samples[0];
    return h('tr', {}, n(mapping.mapping),
      h('td', {}, h('code', {}, `${mapping.input}:${mapping.from}`),
        h('div', {class: 'note'}, [mapping.when && `when ${mapping.when}`, mapping.place].filter(Boolean).join(' · '))),
      h('td', {}, h('code', {}, mapping.channel)),
      n(rates.text(`mapping ${mapping.mapping}`, mapping.events)), n(mapping.events),
      h('td', {}, sample ? h('span', {class: 'bad'}, sample.reason) : h('span', {class: 'dim'}, 'none'),
        sample && h('div', {class: 'note'}, sample.text), sample && h('pre', {}, sample.payload)),
      h('td', {}, h('button', {type: 'button', 'aria-label': `Try mapping ${mapping.mapping}`, onclick: () => tryMapping(mapping, sample)}, 'Try')));
  }), 7, 'No mappings.');
}

function showChannels({channels}) {
  const wanted = byId('channel-filter').value;
  const shown = channels.filter((channel) => channel.name.includes(wanted));
  rows('channels', shown.slice(0, 200).map((channel) => h('tr', {},
    h('td', {}, h('code', {}, channel.name)), n(channel.events), n(bytes(channel.bytes)),
    h('td', {}, ago(channel.lastAppendMs)),
    h('td', {class: channel.subscribed ? 'good' : 'dim'}, channel.subscribed ? 'yes' : 'none'),
    h('td', {class: 'note'}, [channel.slow && `slow: ${channel.slow}`,
      channel.snapshot && `${number.format(channel.snapshot.keys)} keys`].filter(Boolean).join(' · ')),
    h('td', {}, h('button', {type: 'button', 'aria-label': `Tap ${channel.name}`, onclick: () => follow({channel: channel.name})}, 'Tap')))),
  7, wanted ? 'No channel has that in its name.' : 'No channel has an event yet.');
  byId('channels-note').textContent =
    shown.length > 200 ? `200 of ${number.format(shown.length)} are shown.` : '';
  fill('channel-names', channels.slice(0, 500).map((channel) => channel.name));
}

function showReaders(samples) {
  const [states, gaps, ends] = byId('view-readers').querySelectorAll('.bars');
  const bars = (element, metric, label) => {
    const found = samples.filter((sample) => sample.name === metric);
    const most = Math.max(1, ...found.map((sample) => sample.value));
    element.replaceChildren(...found.flatMap((sample) => [
      h('span', {}, sample.labels[label]), h('div', {style: `width:${100 * sample.value / most}%`}),
      h('span', {}, number.format(sample.value))]));
  };
  bars(states, 'sluice_subscribers', 'state');
  bars(gaps, 'sluice_gaps_total', 'reason');
  bars(ends, 'sluice_closed_total', 'reason');
}

// Those that are furthest behind, furthest first.
function readersQuery() {
  const {channel, subject, state} = byId('readers-form');
  const query = {order: 'lag', limit: 100, channel: channel.value, subject: subject.value, state: state.value};
  return `subscribers?${new URLSearchParams(query)}`;
}

function lagCells({lag}) {
  if (!lag) return [h('td', {class: 'n dim'}, 'not known'), n('')];
  const tone = lag.events > 0 ? 'n warm' : 'n dim';
  return [h('td', {class: tone}, `${lag.atLeast ? 'at least ' : ''}${number.format(lag.events)}`),
    h('td', {class: tone}, lag.events > 0 ? duration(lag.ms) : '–')];
}

function subscriberRow(one) {
  const tone = {live: 'good', straggling: 'bad'}[one.state] ?? 'warm';
  const more = (one.channelCount ?? 0) - one.channels.length;
  const asks = [one.types && `types ${one.types.join(', ')}`, one.filter && `filter ${one.filter}`,
    one.endsMs && `token ends ${new Date(one.endsMs).toLocaleTimeString()}`];
  return h('tr', {},
    h('td', {}, h('b', {}, one.subject ?? one.address ?? 'stream'),
      h('div', {class: 'note'}, [one.subject && one.address, one.stream].filter(Boolean).join(' · '))),
    h('td', {class: 'channels'}, h('code', {}, one.channels.join(', ')),
      more > 0 ? h('span', {class: 'dim'}, ` and ${number.format(more)} more`) : null,
      h('div', {class: 'note'}, asks.filter(Boolean).join(' · '))),
    h('td', {class: `nowrap ${tone}`}, one.state.replace('_', ' ')), ...lagCells(one),
    n(bytes(one.unsentBytes)), n(duration(one.ageMs)), n(`${duration(one.silentMs)} ago`));
}

function showSubscribers({open, matching, subscribers}) {
  const isAsked = [...byId('readers-form').elements].some((field) => field.value);
  rows('readers', subscribers.map(subscriberRow), 8, isAsked ? 'No reader is like that.' : 'Nobody reads now.');
  byId('readers-note').textContent = [
    matching > subscribers.length && `the ${subscribers.length} that are furthest behind of ${number.format(matching)}`,
    isAsked && `of ${number.format(open)} that are open`].filter(Boolean).join(', ');
}

async function turnReaders() {
  if (viewNow() !== 'readers') return;
  try {
    showSubscribers(await ask(readersQuery()));
  } catch (error) {
    byId('readers-note').textContent = error.message;
  }
}
byId('readers-form').addEventListener('input', turnReaders);
byId('readers-form').addEventListener('submit', (event) => event.preventDefault());

// A list of choices, written only when it is another one: the browser closes an open list else.
function fill(id, names) {
  const list = byId(id);
  const text = names.join('\n');
  if (list.dataset.text === text) return;
  list.dataset.text = text;
  list.replaceChildren(...names.map((name) => h('option', {value: name})));
}

// ---- tap ----

let look = null; // {channel, input, after}

function outcomeOf(explained) {
  const parts = [h('div', {class: explained.fate === 'mapped' ? 'good' : 'warm'}, explained.fate)];
  for (const mapping of explained.mappings) {
    if (mapping.why) parts.push(h('div', {class: 'bad'}, `mapping ${mapping.mapping}: ${mapping.why}`));
    if (mapping.event)
      parts.push(h('div', {class: 'note'}, `mapping ${mapping.mapping} → ${mapping.event.channel}`),
        h('pre', {}, mapping.event.lines));
  }
  if (explained.nearest) parts.push(h('div', {class: 'note'}, explained.nearest));
  return parts;
}

function messageRow({message, explained, redacted}) {
  const place = [message.partition !== undefined && `partition ${message.partition}`,
    message.offset !== undefined && `offset ${message.offset}`, message.key !== undefined && `key ${message.key}`];
  return h('tr', {},
    h('td', {}, h('code', {}, `${message.input}:${message.topic}`), h('div', {class: 'note'}, place.filter(Boolean).join(' · '))),
    h('td', {}, h('pre', {}, message.tombstone ? '(tombstone)' : message.payload ?? `base64: ${message.payloadBase64}`),
      redacted && h('div', {class: 'note'}, 'what mappings redact is null here')),
    h('td', {}, ...outcomeOf(explained)),
    h('td', {}, h('button', {type: 'button', onclick: () => tryMessage(message)}, 'Try')));
}

async function turnTap() {
  const asked = look;
  if (!asked) return;
  const query = new URLSearchParams({channel: asked.channel ?? '', input: asked.input ?? '', after: asked.after});
  try {
    const answer = await ask(`tap?${query}`);
    if (asked !== look) return;
    look.after = answer.next;
    const body = byId('view-tap').querySelector('tbody');
    body.querySelector('.none')?.parentElement.remove();
    for (const one of answer.messages) body.prepend(messageRow(one));
    while (body.children.length > 100) body.lastElementChild.remove();
    look.passedOver += answer.passedOver;
    byId('tap-note').textContent = `following ${asked.channel || asked.input || 'everything'}` +
      (look.passedOver ? `; ${number.format(look.passedOver)} came too fast or were too large to show` : '');
  } catch (error) {
    byId('tap-note').textContent = error.message;
  }
}

function follow({channel = '', input = ''}) {
  const form = byId('tap-form');
  form.channel.value = channel;
  form.input.value = input;
  look = {channel, input, after: 0, passedOver: 0};
  rows('tap', [], 4, 'Waiting for the next message.');
  byId('tap-stop').disabled = false;
  location.hash = 'tap';
  turnTap();
}

byId('tap-form').addEventListener('submit', (event) => {
  event.preventDefault();
  follow({channel: event.target.channel.value, input: event.target.input.value});
});
byId('tap-stop').addEventListener('click', () => {
  look = null;
  byId('tap-stop').disabled = true;
  byId('tap-note').textContent = 'stopped';
});

// ---- try ----

function tryMessage(message) {
  const form = byId('try-form');
  form.input.value = message.input;
  form.topic.value = message.topic;
  form.key.value = message.key ?? '';
  form.payload.value = message.payload ?? '';
  location.hash = 'try';
}

function tryMapping(mapping, sample) {
  const form = byId('try-form');
  form.input.value = mapping.input;
  if (sample) { form.topic.value = sample.topic; form.payload.value = sample.payload; }
  form.mappings.value = mapping.yaml;
  location.hash = 'try';
}

function account(mapping) {
  const because = (mapping.when?.deciding ?? []).map((part) =>
    h('div', {class: 'note'}, `because ${part.text} is ${part.value}`));
  const made = mapping.event ?? mapping.deadLetter;
  return h('article', {},
    h('h3', {}, `mapping ${mapping.mapping}, from ${mapping.from}`),
    h('div', {class: mapping.fate === 'mapped' ? 'good' : 'warm'}, mapping.fate),
    mapping.when && h('div', {}, h('code', {}, mapping.when.text), ` is ${mapping.when.value}`), ...because,
    mapping.why && h('div', {class: 'bad'}, mapping.why),
    made && h('div', {class: 'note'}, `on channel ${made.channel}${made.key ? `, key ${made.key}` : ''}`),
    made && h('pre', {}, made.lines));
}

byId('try-form').addEventListener('submit', async (event) => {
  event.preventDefault();
  const form = event.target;
  const message = {input: form.input.value, topic: form.topic.value, payload: form.payload.value};
  if (form.key.value) message.key = form.key.value;
  const body = JSON.stringify({message, mappings: form.mappings.value});
  const result = byId('try-result');
  byId('try-note').textContent = '';
  try {
    const report = await ask('explain', {method: 'POST', body});
    result.replaceChildren(...report.mappings.map(account),
      h('p', {class: 'note'}, `The message counts as ${report.fate}. ${report.nearest ?? ''}`));
  } catch (error) {
    const problems = error.body?.problems ?? [];
    result.replaceChildren(...problems.map((problem) => h('article', {},
      h('div', {class: problem.severity === 'error' ? 'bad' : 'warm'}, `line ${problem.line}: ${problem.message}`),
      problem.hint && h('div', {class: 'note'}, problem.hint))));
    if (problems.length === 0) byId('try-note').textContent = error.message;
  }
});
byId('copy-yaml').addEventListener('click', async () => {
  const text = byId('try-form').mappings;
  try {
    await navigator.clipboard.writeText(text.value);
    byId('try-note').textContent = 'copied';
  } catch { // no permission, or a page that is not secure
    text.select();
    byId('try-note').textContent = 'selected: copy it with Ctrl-C';
  }
});

// ---- the page ----

function viewNow() {
  const wanted = location.hash.slice(1);
  return VIEWS.includes(wanted) ? wanted : 'inputs';
}

function showView() {
  const view = viewNow();
  for (const name of VIEWS) byId(`view-${name}`).classList.toggle('shown', name === view);
  for (const link of document.querySelectorAll('nav a')) {
    if (link.hash === `#${view}`) link.setAttribute('aria-current', 'page');
    else link.removeAttribute('aria-current');
  }
}

function showState(text, tone) {
  const pill = byId('state');
  if (pill.textContent !== text) pill.textContent = text;
  pill.className = `pill ${tone}`;
}

async function turn() {
  try {
    const [inputs, mappings, channels, metrics] =
      await Promise.all([ask('inputs'), ask('mappings'), ask('channels'), ask('metrics')]);
    const samples = parseMetrics(metrics);
    rates.turn();
    showFigures(samples);
    showInputs(inputs);
    showMappings(mappings);
    showChannels(channels);
    showReaders(samples);
    byId('key').hidden = true;
    const down = inputs.inputs.filter((input) => input.state !== 'running');
    showState(down.length ? `${down.map((input) => input.name).join(', ')}: not running` : 'all inputs run',
      down.length ? 'bad' : 'good');
    await Promise.all([turnTap(), turnReaders()]);
  } catch (error) {
    if (error.status === 401) byId('key').hidden = false;
    showState(error.status === 401 ? 'wants a key' : 'no answer', 'bad');
  }
  setTimeout(turn, document.hidden ? 10 * SECOND : SECOND);
}

byId('key').addEventListener('submit', (event) => {
  event.preventDefault();
  sessionStorage.setItem('sluice-key', byId('key-text').value);
  byId('key-text').value = '';
});
byId('channel-filter').addEventListener('input', () => ask('channels').then(showChannels, () => {}));
addEventListener('hashchange', () => { showView(); turnReaders(); });
showView();
rows('tap', [], 4, 'Choose a channel or an input, and follow it.');
turn();
