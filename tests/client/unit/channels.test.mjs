// Other channels at run time, snapshots and stores.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connect } from '../../../share/client/sluice-client.js';
import {
  answerJson, controlBlock, eventBlock, openBlock, serve, startStream,
} from '../support/scripted_server.mjs';
import { until } from '../support/wait.mjs';

function client(t, server, options = {}) {
  const one = connect({ url: server.url, channels: 'a', ...options });
  t.after(() => one.close());
  one.errors = [];
  one.on('error', (error) => one.errors.push(error));
  return one;
}

/** Streams stay open; `patch` answers changes. */
async function serveChanges(t, patch) {
  const server = await serve(t, (request, response) => {
    if (request.method === 'PATCH') return patch(request, response);
    startStream(response);
    server.stream = response;
    response.write(openBlock() + eventBlock(1));
  });
  server.patches = () => server.requests.filter(({ method }) => method === 'PATCH');
  server.streams = () => server.requests.filter(({ path }) => path === '/events');
  return server;
}

function done(request, response) {
  answerJson(response, 200, { channels: [] });
}

test('changes that come together are one request', async (t) => {
  const server = await serveChanges(t, done);
  const one = client(t, server, { channels: ['a', 'old'] });
  await until(() => one.lastId === 'p1', 'the stream');
  one.subscribe('b', 'c/{x}');
  one.subscribe('d')();
  one.unsubscribe('old');
  await until(() => server.patches().length, 'a change');
  const [{ path, body }] = server.patches();
  assert.equal(path, '/streams/token');
  assert.deepEqual(JSON.parse(body), { add: ['b', 'c/{x}'], remove: ['old'] });
  const got = [];
  one.on('*', '*', (event) => got.push(event.data));
  server.stream.write(eventBlock(2, { channel: 'old' }) + eventBlock(3, { channel: 'c/1' }));
  await until(() => one.lastId === 'p3', 'more events');
  assert.deepEqual(got, [3], 'what was left is not handed out any more');
  assert.deepEqual([server.patches().length, server.streams().length], [1, 1]);
});

test('channels are counted', async (t) => {
  const server = await serveChanges(t, done);
  const one = client(t, server);
  await until(() => one.lastId === 'p1', 'the stream');
  const leave = one.subscribe('b');
  one.subscribe('b');
  leave();
  leave();
  assert.deepEqual(one.channels, ['a', 'b']);
  one.unsubscribe('b');
  assert.deepEqual(one.channels, ['a']);
});

test('a stream that is on another node is made anew, behind the last id', async (t) => {
  const server = await serveChanges(t, (_, response) => answerJson(response, 404, {}));
  const one = client(t, server);
  await until(() => one.lastId === 'p1', 'the stream');
  one.subscribe('b');
  await until(() => server.streams().length === 2, 'another stream');
  const { id, query } = server.streams()[1];
  assert.deepEqual([id, query.channels], ['p1', 'a,b']);
  assert.deepEqual(one.errors, []);
});

test('a stream that catches up is asked again', async (t) => {
  const server = await serveChanges(t, (request, response) =>
    server.patches().length === 1 ? answerJson(response, 409, {}) : done(request, response));
  const one = client(t, server);
  await until(() => one.lastId === 'p1', 'the stream');
  one.subscribe('b');
  await until(() => server.patches().length === 2, 'a second try');
  assert.equal(server.streams().length, 1);
});

test('channels that are refused are told and given up', async (t) => {
  const server = await serveChanges(t, (_, response) =>
    answerJson(response, 403, { error: { code: 'forbidden', message: 'not yours' } }));
  const one = client(t, server);
  await until(() => one.lastId === 'p1', 'the stream');
  one.subscribe('secret');
  const error = await until(() => one.errors[0], 'an error');
  assert.deepEqual([error.status, error.code, error.final], [403, 'forbidden', false]);
  assert.deepEqual([one.channels, one.state], [['a'], 'live']);
});

test('one channel that is refused takes no other with it', async (t) => {
  const server = await serveChanges(t, (request, response) => {
    const isRefused = JSON.parse(request.body).add.includes('secret');
    return isRefused ? answerJson(response, 403, { error: { code: 'forbidden', message: 'not yours' } })
      : done(request, response);
  });
  const one = client(t, server);
  await until(() => one.lastId === 'p1', 'the stream');
  one.subscribe('b', 'secret', 'c', 'd');
  one.unsubscribe('a');
  const put = () => server.patches().filter(({ body }) => !body.includes('secret')).map(({ body }) => JSON.parse(body));
  await until(() => put().flatMap(({ add }) => add).length === 3, 'the other channels');
  assert.deepEqual(put().flatMap(({ add }) => add), ['b', 'c', 'd']);
  assert.deepEqual(put().flatMap(({ remove }) => remove), ['a']);
  await until(() => one.errors.length, 'the refusal');
  assert.deepEqual([one.channels, one.errors.length, server.streams().length], [['b', 'c', 'd'], 1, 1]);
  one.subscribe('e', 'f');
  await until(() => put().length === 3, 'a change of two again');
  assert.deepEqual(put()[2], { add: ['e', 'f'], remove: [] });
});

test('without channels there is no connection', async (t) => {
  const server = await serveChanges(t, done);
  const one = client(t, server, { channels: [] });
  await until(() => one.state === 'idle', 'idleness');
  const leave = one.subscribe('a');
  await until(() => one.lastId === 'p1', 'the stream');
  leave();
  await until(() => one.state === 'idle', 'idleness again');
  await until(() => server.stream.closed, 'the end of the stream');
  one.subscribe('b');
  await until(() => server.streams().length === 2, 'another stream');
  assert.equal(server.streams()[1].id, undefined, 'what went by meanwhile was not wanted');
});

const sync = { channels: ['a'], without: [], count: 2, complete: true };

test('a store has the latest event of each key, and swaps snapshots as a whole', async (t) => {
  const server = await serve(t, (_, response, number) => {
    startStream(response);
    server.stream = response;
    response.write(openBlock({ snapshot: true }, { id: '' }) +
      eventBlock(number ? 10 : 1, { key: 'x', id: '' }));
  });
  const one = client(t, server, { from: 'snapshot', channels: ['a', 'b'] });
  const store = one.store('a');
  const data = () => store.values().map((event) => event.data);
  await until(() => store.size === 1, 'a row');
  assert.equal(store.synced, false);
  assert.equal(one.state, 'catching-up');
  server.stream.write(eventBlock(2, { key: 'y', id: '' }) + controlBlock('sync', sync, 'p2'));
  await until(() => store.synced, 'the snapshot');
  assert.deepEqual([data(), store.get('x').data, one.state], [[1, 2], 1, 'live']);
  let changes = 0;
  store.subscribe(() => (changes += 1));
  server.stream.write(eventBlock(3, { key: 'x' }) + eventBlock(4, { key: 'y', type: 'delete' }) +
    eventBlock(5, { key: 'x', channel: 'b' }));
  await until(() => one.lastId === 'p5', 'more events');
  assert.deepEqual([data(), changes, one.store().size], [[3], 1, 2]);
  // A gap makes it ask for a snapshot anew; the page keeps the old rows until that is whole.
  const gap = { reason: 'evicted', channel: 'a', lanes: null, atMost: null, mayRepeat: false };
  server.stream.write(controlBlock('gap', gap, 'p6') + eventBlock(7));
  await until(() => server.requests.length === 2 && one.lastId === undefined, 'another stream');
  assert.deepEqual([server.requests[1].id, server.requests[1].query.from], [undefined, 'snapshot']);
  assert.deepEqual(data(), [3]);
  server.stream.write(controlBlock('sync', { ...sync, complete: false }, 'p9'));
  await until(() => data()[0] === 10, 'the other snapshot');
  assert.equal(store.complete, false);
});

test('a channel that is added to a snapshot comes with its own', async (t) => {
  const server = await serve(t, (_, response) => {
    startStream(response);
    response.write(openBlock({ snapshot: true }, { id: '' }) + controlBlock('sync', sync, 'p1'));
  });
  const one = client(t, server, { from: 'snapshot' });
  await until(() => one.lastId === 'p1', 'the snapshot');
  one.subscribe('b');
  await until(() => server.requests.length === 2, 'another stream');
  const { id, query } = server.requests[1];
  assert.deepEqual([id, query.from, query.channels], [undefined, 'snapshot', 'a,b']);
});

test('a snapshot that is cut is asked for again', async (t) => {
  const server = await serve(t, (_, response, number) => {
    startStream(response);
    response.write(openBlock({ snapshot: true }, { id: '' }) + eventBlock(number, { key: 'x', id: '' }));
    if (number === 0) return response.end();
    response.write(controlBlock('sync', sync, 'p1'));
  });
  const one = client(t, server, { from: 'snapshot' });
  const store = one.store();
  await until(() => store.synced, 'the snapshot');
  assert.deepEqual(server.requests.map(({ id, query }) => [id, query.from]),
    [[undefined, 'snapshot'], [undefined, 'snapshot']]);
  assert.equal(store.get('x', 'a').data, 1);
});
