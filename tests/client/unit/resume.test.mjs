// Connections that end, and how a client goes on: nothing is lost, nothing comes twice.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connect } from '../../../share/client/sluice-client.js';
import {
  answerJson, controlBlock, eventBlock, openBlock, serve, startStream,
} from '../support/scripted_server.mjs';
import { numbers, until } from '../support/wait.mjs';

function client(t, server, options = {}) {
  const one = connect({ url: server.url, channels: 'a', ...options });
  t.after(() => one.close());
  one.got = [];
  one.errors = [];
  one.on('*', '*', (event) => one.got.push(event.data));
  one.on('error', ({ status, code, final }) => one.errors.push({ status, code, final }));
  return one;
}

/** The number behind an id of these scripts. */
function after(id) {
  return id ? Number(id.slice(1)) + 1 : 1;
}

test('a stream cut at any byte is gone on with exactly', async (t) => {
  const frame = eventBlock(1).length;
  const server = await serve(t, (request, response, number) => {
    startStream(response);
    const first = after(request.id);
    const text = openBlock({}, { id: `p${first - 1}`, retry: 0 });
    const rest = eventBlock(first, { data: first }) + eventBlock(first + 1);
    // The first event is whole; the second is cut one byte later each time.
    response.write(text + rest.slice(0, eventBlock(first).length + (number % frame)));
    response.end();
  });
  const one = client(t, server);
  await until(() => one.got.length >= 2 * frame, 'all cuts', 60);
  assert.deepEqual(one.got, numbers(1, one.got.length + 1));
});

test('a connection that is half open is found and replaced', async (t) => {
  const server = await serve(t, (request, response, number) => {
    startStream(response);
    const ping = number ? controlBlock('at', undefined, `p${number + 1}`) : '';
    response.write(openBlock({ keepaliveMs: 60 }) + eventBlock(number + 1) + ping);
    // Nothing more comes, and the connection stays.
  });
  const one = client(t, server);
  await until(() => one.got.length >= 3, 'three connections');
  assert.deepEqual(one.got.slice(0, 3), [1, 2, 3]);
  assert.deepEqual(server.requests.slice(0, 3).map(({ id }) => id), [undefined, 'p1', 'p2']);
  const waited = server.requests[1].at - server.requests[0].at;
  assert.ok(waited >= 140, `it waits for 2.5 keep-alives, not ${waited} ms`);
});

test('a keep-alive in time keeps the connection', async (t) => {
  const server = await serve(t, (request, response) => {
    startStream(response);
    response.write(openBlock({ keepaliveMs: 4_000 }));
    let n = 0;
    const timer = setInterval(() => response.write(controlBlock('at', undefined, `p${++n}`)), 20);
    response.on('close', () => clearInterval(timer));
  });
  const one = client(t, server);
  await until(() => one.lastId === 'p60', 'sixty keep-alives');
  assert.equal(server.requests.length, 1);
});

test('a server that is not there is not asked in a circle', async (t) => {
  const server = await serve(t, (request, response, number) => {
    if (number < 3) return response.destroy();
    startStream(response);
    response.write(openBlock() + eventBlock(1));
  });
  const one = client(t, server);
  await until(() => one.got.length, 'an event', 60);
  assert.deepEqual(one.errors, Array(3).fill({ status: 0, code: '', final: false }));
  assert.equal(server.requests.length, 4);
});

test('errors of servers are waited for, and told', async (t) => {
  const server = await serve(t, (request, response, number) => {
    if (number === 1) return answerJson(response, 500, { error: { code: 'internal', message: 'm' } });
    if (number === 2) return answerJson(response, 503, {}, { 'Retry-After': '1' });
    if (number === 3) return answerJson(response, 429, {}, { 'Retry-After': '0' });
    if (number === 4) return answerJson(response, 200, 'a portal wants you to log in');
    startStream(response);
    if (number === 0) return response.end('retry: 1\n');  // shed: no blank line
    response.write(openBlock() + eventBlock(1));
  });
  const one = client(t, server);
  await until(() => one.got.length, 'an event', 60);
  assert.deepEqual(one.errors, [
    { status: 500, code: 'internal', final: false }, { status: 503, code: '', final: false },
    { status: 429, code: '', final: false }, { status: 200, code: '', final: false }]);
  const waited = server.requests[3].at - server.requests[2].at;
  assert.ok(waited >= 990, `Retry-After is a second, not ${waited} ms`);
});

for (const status of [400, 401, 403, 404])
  test(`${status} is final`, async (t) => {
    const server = await serve(t, (_, response) =>
      answerJson(response, status, { error: { code: 'why', message: 'because' } }));
    const one = client(t, server);
    const read = (async () => {
      for await (const event of one) assert.fail(event);
    })();
    await assert.rejects(read, { message: 'because', status, code: 'why', final: true });
    assert.equal(one.state, 'closed');
    assert.deepEqual(one.errors, [{ status, code: 'why', final: true }]);
    assert.equal(server.requests.length, 1);
  });

test('204 ends it without an error', async (t) => {
  const server = await serve(t, (_, response) => response.writeHead(204).end());
  const one = client(t, server);
  for await (const event of one) assert.fail(event);
  assert.deepEqual([one.state, one.errors], ['closed', []]);
});

test('a refused token is asked for again, once', async (t) => {
  const tokens = ['old', 'new', 'never'];
  const server = await serve(t, (request, response) => {
    if (request.headers.authorization !== 'Bearer new') return answerJson(response, 401, {});
    startStream(response);
    response.write(openBlock() + eventBlock(1));
  });
  const one = client(t, server, { auth: async () => tokens.shift() });
  await until(() => one.got.length, 'an event');
  assert.deepEqual(server.requests.map(({ headers }) => headers.authorization),
    ['Bearer old', 'Bearer new']);
  assert.deepEqual(one.errors, []);

  const refused = await serve(t, (_, response) => answerJson(response, 401, {}));
  const two = client(t, refused, { auth: () => 'bad' });
  await until(() => two.state === 'closed', 'the end');
  assert.equal(refused.requests.length, 2);
});

test('a token that ends is replaced on the living stream', async (t) => {
  const tokens = ['first', 'second'];
  const server = await serve(t, (request, response) => {
    if (request.method === 'POST') {
      stream.write(eventBlock(1));
      return answerJson(response, 200, {});
    }
    stream = response;
    startStream(response);
    response.write(openBlock() + controlBlock('auth', { endsMs: 1, inMs: 60_000 }, 'p0'));
  });
  let stream;
  const one = client(t, server, { auth: () => tokens.shift() });
  await until(() => one.got.length, 'an event');
  assert.deepEqual(server.requests.map(({ method, path, headers }) => [method, path, headers.authorization]),
    [['GET', '/events', 'Bearer first'], ['POST', '/streams/token/auth', 'Bearer second']]);
});

test('a proxy that passes how streams begin, and keeps the rest, is found', async (t) => {
  const server = await serve(t, (request, response) => {
    const first = after(request.id);
    if (request.path === '/poll')
      return answerJson(response, 200, { id: `p${first}`, gaps: [],
        events: [{ channel: 'a', event: 'message', key: '', time: 1, data: first, id: `p${first}` }] });
    startStream(response);
    response.write(openBlock({ keepaliveMs: 60 }, { id: `p${first - 1}` }) + eventBlock(first));
  });
  const one = client(t, server);
  await until(() => one.got.length >= 4, 'polls');
  assert.deepEqual(one.got.slice(0, 4), [1, 2, 3, 4]);
  assert.deepEqual(server.requests.slice(0, 3).map(({ path }) => path), ['/events', '/events', '/poll']);
});

test('each poll may need another token', async (t) => {
  let asked = 0;
  const server = await serve(t, (request, response) => {
    if (request.path === '/events') return startStream(response);  // and no byte more
    const first = after(request.id);
    // A token is good for one answer.
    if (request.headers.authorization !== `Bearer t${first}`) return answerJson(response, 401, {});
    answerJson(response, 200, { id: `p${first}`, gaps: [],
      events: [{ channel: 'a', event: 'message', key: '', time: 1, data: first, id: `p${first}` }] });
  });
  const one = client(t, server, { from: 'earliest', auth: () => `t${++asked}` });
  await until(() => one.got.length >= 4 || one.state === 'closed', 'four polls', 30);
  assert.deepEqual([one.got.slice(0, 4), one.errors], [[1, 2, 3, 4], []]);
});

test('the time that a token takes is not the time of a proxy that buffers', async (t) => {
  const server = await serve(t, (_, response) => {
    startStream(response);
    response.write(openBlock() + eventBlock(1));
  });
  const slow = async () => new Promise((resolve) => setTimeout(() => resolve('token'), 5_500));
  const one = client(t, server, { auth: slow });
  await until(() => one.got.length, 'an event', 30);
  assert.deepEqual(server.requests.map(({ path }) => path), ['/events']);
});

test('a proxy that buffers is found, and polled through', async (t) => {
  const server = await serve(t, (request, response) => {
    if (request.path === '/events') return startStream(response);  // and no byte more
    const first = after(request.id);
    if (first > 3) return;  // a poll that waits
    answerJson(response, 200, {
      events: [{ channel: 'a', event: 'message', key: '', time: 1, data: first, id: `p${first}` }],
      gaps: first === 2 ? [{ reason: 'lost', input: 'i', lanes: null, atMost: null, mayRepeat: false }] : [],
      id: `p${first}` });
  });
  const one = client(t, server, { from: 'earliest' });
  const gaps = [];
  one.on('gap', ({ reason }) => gaps.push(reason));
  await until(() => one.got.length === 3, 'three polls', 30);
  assert.deepEqual([one.got, gaps, one.transport, one.state], [[1, 2, 3], ['lost'], 'poll', 'live']);
  const polls = server.requests.filter(({ path }) => path === '/poll');
  assert.deepEqual(polls.slice(0, 3).map(({ id, query }) => [id, query.from]),
    [[undefined, 'earliest'], ['p1', undefined], ['p2', undefined]]);
  // A waiting poll is ended where other channels are wanted.
  one.subscribe('b');
  await until(() => server.requests.at(-1).query.channels === 'a,b', 'a poll of both');
});

test('after a gap the page is told to load its state', async (t) => {
  const gap = { reason: 'evicted', channel: 'a', lanes: null, atMost: 3, mayRepeat: true };
  const server = await serve(t, (_, response) => {
    startStream(response);
    response.write(openBlock() + controlBlock('gap', gap, 'g1') + eventBlock(5));
  });
  const loaded = [];
  const one = client(t, server, { snapshot: (gaps) => loaded.push(gaps) });
  await until(() => one.got.length, 'the event behind it');
  assert.deepEqual(loaded, [[gap]]);
});

test('it says where it is: connecting, catching up, live, offline', async (t) => {
  const server = await serve(t, (request, response, number) => {
    startStream(response);
    response.write(openBlock({}, { retry: 50 }) + eventBlock(number + 1) +
      controlBlock('at', undefined, `p${number + 1}`));
    if (number === 0) response.end();
  });
  const one = client(t, server);
  const states = [];
  one.on('state', (state) => states.push(state));
  await until(() => server.requests.length === 2 && one.state === 'live', 'the second connection');
  assert.deepEqual(states.filter((state) => state !== 'offline'),
    ['connecting', 'live', 'connecting', 'catching-up', 'live']);
});
