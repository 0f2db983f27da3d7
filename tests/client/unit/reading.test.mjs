// What a client hands out, over a server that says what the test wants.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connect, matcher } from '../../../share/client/sluice-client.js';
import {
  controlBlock, eventBlock, openBlock, serve, startStream,
} from '../support/scripted_server.mjs';
import { numbers, until } from '../support/wait.mjs';

/** Answers every stream with these blocks, and leaves it open. */
async function serveBlocks(t, ...blocks) {
  return serve(t, (_, response) => {
    startStream(response);
    response.write(blocks.join(''));
  });
}

function client(t, server, options = {}) {
  const one = connect({ url: server.url, channels: 'a', ...options });
  t.after(() => one.close());
  return one;
}

test('events come to listeners by channel, pattern and type', async (t) => {
  const server = await serveBlocks(t, openBlock(),
    eventBlock(1, { channel: 'orders/eu', type: 'order', key: 'k', time: 77 }),
    eventBlock(2, { channel: 'orders/us' }), eventBlock(3, { channel: 'stock/eu', type: 'order' }));
  const got = [];
  const one = client(t, server, { channels: ['orders/{region}', 'stock/{any**}'] });
  one.on('orders/eu', 'order', (event) => got.push(['exact', event.data]));
  one.on('orders/{region}', '*', (event) => got.push(['pattern', event.data]));
  one.on('*', 'order', (event) => got.push(['type', event.data]));
  one.on('orders/{region}', 'message', ({ channel, type, id }) => got.push([channel, type, id]));
  const first = new Promise((resolve) => one.on('orders/eu', 'order', resolve));
  assert.deepEqual(await first, {
    channel: 'orders/eu', type: 'order', key: 'k', time: 77, data: 1, id: 'p1' });
  await until(() => one.lastId === 'p3', 'the last event');
  assert.deepEqual(got, [['exact', 1], ['pattern', 1], ['type', 1], ['pattern', 2],
    ['orders/us', 'message', 'p2'], ['type', 3]]);
});

test('what a request asks for is what the options say', async (t) => {
  const server = await serveBlocks(t, openBlock());
  client(t, server, {
    url: server.url + '/', channels: ['a', 'b/{x}'], from: '-10', types: ['order', 'refund'],
    filter: 'data.n > 1 && true', headers: { 'X-Tenant': 't' } });
  await until(() => server.requests.length, 'a request');
  const [{ path, query, headers, id }] = server.requests;
  assert.equal(path, '/events');
  assert.deepEqual(query, { channels: 'a,b/{x}', envelope: 'json', from: '-10',
    types: 'order,refund', filter: 'data.n > 1 && true' });
  assert.equal(headers['x-tenant'], 't');
  assert.equal(headers.accept, 'text/event-stream');
  assert.equal(id, undefined);
});

test('data that is no JSON comes as text', async (t) => {
  const block = 'data: {"channel":"a","event":"message","key":"","time":1,"text":"x {"}\nid: p1\n\n';
  const server = await serveBlocks(t, openBlock(), block);
  for await (const event of client(t, server)) {
    assert.equal(event.data, 'x {');
    break;
  }
});

test('an undone listener hears nothing, one that throws disturbs nobody', async (t) => {
  const server = await serveBlocks(t, openBlock(), eventBlock(1), eventBlock(2));
  const thrown = [];
  const before = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  process.on('uncaughtException', (error) => thrown.push(error.message));
  t.after(() => {
    process.removeAllListeners('uncaughtException');
    for (const listener of before) process.on('uncaughtException', listener);
  });
  const one = client(t, server);
  const got = [];
  const undo = one.on('a', '*', () => {
    undo();
    throw new Error('of a listener');
  });
  one.on('a', '*', (event) => got.push(event.data));
  await until(() => got.length === 2 && thrown.length, 'both events');
  assert.deepEqual(got, [1, 2]);
  assert.deepEqual(thrown, ['of a listener']);
});

test('an iterator gives every event, and gaps in their place', async (t) => {
  const gap = { reason: 'evicted', channel: 'a', lanes: null, atMost: 7, mayRepeat: false };
  const server = await serveBlocks(t, openBlock(), eventBlock(1), controlBlock('gap', [gap, gap], 'g'),
    eventBlock(2));
  const one = client(t, server);
  const told = [];
  one.on('gap', (about) => told.push(about));
  const got = [];
  for await (const event of one) {
    got.push(event.type === 'sluice.gap' ? event.data.reason : event.data);
    if (got.length === 4) break;
  }
  assert.deepEqual(got, [1, 'evicted', 'evicted', 2]);
  assert.deepEqual(told, [gap, gap]);
});

test('a slow iterator makes the client read slowly', async (t) => {
  const many = 400_000;
  let response;
  const server = await serve(t, (_, answer) => {
    startStream(response = answer);
    answer.write(openBlock());
    for (let n = 0; n < many; n += 1_000)
      answer.write(numbers(n, n + 1_000).map((each) => eventBlock(each)).join(''));
  });
  const one = client(t, server);
  const got = [];
  for await (const event of one) {
    got.push(event.data);
    if (got.length === 1) {
      // It stops while most of it is still at the server.
      let before = -1;
      await until(() => {
        const is = response.writableLength;
        const isStill = is === before && is > 1_000_000;
        before = is;
        return isStill;
      }, 'that it stops reading');
    }
    if (got.length === many) break;
  }
  assert.deepEqual(got, numbers(0, many));
});

test('a signal closes it, and its iterators end', async (t) => {
  const server = await serveBlocks(t, openBlock(), eventBlock(1));
  const end = new AbortController();
  const one = client(t, server, { signal: end.signal });
  const states = [];
  one.on('state', (state) => states.push(state));
  for await (const event of one) {
    assert.equal(event.data, 1);
    end.abort();
  }
  assert.equal(one.state, 'closed');
  assert.deepEqual(states, ['connecting', 'live', 'closed']);
  await until(() => new Promise((resolve) =>
    server.server.getConnections((_, count) => resolve(count === 0))), 'the end of its connection');
});

test('a pattern takes the channels that the server takes', () => {
  const cases = [
    ['orders/{region}', ['orders/eu', 'orders/a.b'], ['orders/', 'orders/eu/x', 'xorders/eu']],
    ['a/{x}-{y}/b', ['a/1-2/b'], ['a/1/b', 'a/-/b', 'a/1-2/bb']],
    ['logs/{rest**}', ['logs/a', 'logs/a/b'], ['logs/', 'logs']],
    ['a.b+(c)', ['a.b+(c)'], ['axb+(c)']],
    ['{{x}}', ['{x}'], ['x', '{{x}}']],
    ['*', ['anything/at all'], []],
  ];
  for (const [pattern, yes, no] of cases) {
    for (const channel of yes) assert.ok(matcher(pattern)(channel), `${pattern} takes ${channel}`);
    for (const channel of no) assert.ok(!matcher(pattern)(channel), `${pattern} leaves ${channel}`);
  }
});
