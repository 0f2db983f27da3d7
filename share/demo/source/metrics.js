// The node's own counters, from /metrics: what Prometheus reads, read once a second.

/** The text format of Prometheus as a list of { name, labels, value }. */
export function parseMetrics(text) {
  const samples = [];
  for (const line of text.split('\n')) {
    const match = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/.exec(line);
    if (!match) continue;
    const labels = {};
    for (const [, key, value] of (match[2] ?? '').matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g))
      labels[key] = value;
    samples.push({ name: match[1], labels, value: Number(match[3]) });
  }
  return samples;
}

function total(samples, name) {
  let sum = 0;
  for (const sample of samples) if (sample.name === name) sum += sample.value;
  return sum;
}

function statesOf(samples) {
  const states = {};
  for (const { name, labels, value } of samples)
    if (name === 'sluice_input_state' && value === 1) states[labels.input] = labels.state;
  return states;
}

/** Asks again and again; calls back with { receivedRate, deliveredRate, subscribers, gaps, states },
 *  or with null while the node does not answer. Rates are null the first time. */
export function watchMetrics(url, everyMs, callback) {
  let before = null;
  async function ask() {
    try {
      const answer = await fetch(url, { cache: 'no-store', signal: AbortSignal.timeout(5000) });
      if (!answer.ok) throw new Error(answer.statusText);
      const samples = parseMetrics(await answer.text());
      const now = { at: performance.now(), received: total(samples, 'sluice_messages_total'),
        delivered: total(samples, 'sluice_deliveries_total') };
      const seconds = before ? (now.at - before.at) / 1000 : 0;
      // A restarted node counts from 0.
      const rate = (key) => before && now[key] >= before[key] ? (now[key] - before[key]) / seconds : null;
      callback({ receivedRate: rate('received'), deliveredRate: rate('delivered'),
        subscribers: total(samples, 'sluice_subscribers'), gaps: total(samples, 'sluice_gaps_total'),
        states: statesOf(samples) });
      before = now;
    } catch {
      before = null;
      callback(null);
    }
    setTimeout(ask, everyMs);
  }
  ask();
}
