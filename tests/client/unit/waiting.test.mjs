// How long a client waits for the next try, without waiting for it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connect } from '../../../share/client/sluice-client.js';
import { openBlock } from '../support/scripted_server.mjs';
import { until } from '../support/wait.mjs';

const random = 0.5;

/** A client whose waits pass at once; `answer(number)` gives a Response, or throws. What it waited
 *  is in `waits`, in milliseconds. */
function client(t, answer) {
  const { setTimeout } = globalThis;
  let requests = 0;
  const waits = [];
  t.mock.method(Math, 'random', () => random);
  const one = connect({ url: 'http://here', channels: 'a', fetch: async () => answer(requests++) });
  t.after(() => one.close());
  let isDue = false;
  one.on('state', (state) => (isDue = state === 'offline'));
  t.mock.method(globalThis, 'setTimeout', (call, ms, ...more) => {
    if (!isDue) return setTimeout(call, ms, ...more);
    isDue = false;  // the first timer of that state
    waits.push(ms);
    return setTimeout(call, 0, ...more);
  });
  return { one, waits };
}

/** An answer that is a stream; it ends when `life` comes. */
function stream(life) {
  return new Response(new ReadableStream({
    async start(controller) {
      controller.enqueue(new TextEncoder().encode(openBlock({}, { retry: 400 })));
      await life;
      controller.close();
    },
  }), { headers: { 'Content-Type': 'text/event-stream' } });
}

function failure() {
  throw new TypeError('no network');
}

test('waits are a random part of what doubles with each failure, up to 30 s', async (t) => {
  const { waits } = client(t, failure);
  await until(() => waits.length >= 8, 'eight failures');
  assert.deepEqual(waits.slice(0, 8),
    [2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000, 30_000].map((ms) => ms * random));
});

test('they begin anew behind a connection of 10 s, not behind a shorter one', async (t) => {
  const { now } = Date;
  let later = 0;
  t.mock.method(Date, 'now', () => now() + later);
  const { one, waits } = client(t, (number) => {
    if (number < 2) return failure();
    if (number === 2) return stream(Promise.resolve());
    return stream(until(() => one.state === 'live', 'the stream').then(() => (later += 10_001)));
  });
  await until(() => waits.length >= 4, 'four waits');
  assert.deepEqual(waits.slice(0, 4), [2_000, 4_000, 400 * 4, 400].map((ms) => ms * random));
});

test('Retry-After is waited for at least, and no longer than an hour', async (t) => {
  const after = (text) => new Response('{}', { status: 503, headers: { 'Retry-After': text } });
  const { waits } = client(t, (number) => after(['7', '999999999', 'nonsense'][number] ?? '0'));
  await until(() => waits.length >= 3, 'three answers');
  assert.deepEqual(waits.slice(0, 3), [7_000 + 2_000 * random, 3_600_000 + 4_000 * random, 8_000 * random]);
});
