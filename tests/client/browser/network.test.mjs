// The client in Chromium against the real program, over networks that fail.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasGot, isLive, read, useBrowser, user } from '../support/pages.mjs';
import { bufferingProxy, tcpProxy } from '../support/proxies.mjs';
import { runSluice } from '../support/sluice.mjs';
import { numbers, until } from '../support/wait.mjs';

useBrowser();

async function openPage(t, url, options) {
  const page = await (await user(t, url)).open();
  await read(page, options);
  await isLive(page);
  return page;
}

test('a network that is cut again and again loses and doubles nothing', async (t) => {
  const node = await runSluice(t);
  const proxy = await tcpProxy(t, node.url);
  const page = await openPage(t, proxy.url, { channels: 'a' });
  for (let n = 0; n < 400; n += 20) {
    await node.publishNumbers('a', n, n + 10);
    proxy.cut();
    await node.publishNumbers('a', n + 10, n + 20);
    if (n % 100 === 0) await isLive(page);
  }
  await hasGot(page, 400);
  assert.deepEqual(await page.evaluate('got'), numbers(0, 400));
  assert.deepEqual(await page.evaluate('gaps'), []);
  assert.deepEqual(page.errors, []);
});

test('a connection that stands without a byte is found by the pings', async (t) => {
  const node = await runSluice(t, `
publish: {key: test-key}
delivery: {retry: 10ms, keepalive: 1s}
`);
  const proxy = await tcpProxy(t, node.url);
  const page = await openPage(t, proxy.url, { channels: 'a' });
  await node.publishNumbers('a', 0, 5);
  await hasGot(page, 5);
  proxy.stall();
  await node.publishNumbers('a', 5, 10);
  await hasGot(page, 10);
  assert.deepEqual(await page.evaluate('got'), numbers(0, 10));
  assert.deepEqual(await page.evaluate('gaps'), []);
});

test('through a proxy that buffers it polls, and changes channels', async (t) => {
  const node = await runSluice(t);
  const proxy = await bufferingProxy(t, node.url);
  const page = await (await user(t, proxy.url)).open();
  await node.publishNumbers('a', 0, 10);
  await read(page, { channels: 'a', from: 'earliest' });
  await hasGot(page, 10);
  for (let n = 10; n < 60; n += 10) await node.publishNumbers('a', n, n + 10);
  await hasGot(page, 60);
  assert.equal(await page.evaluate('client.transport'), 'poll');
  await page.evaluate('client.subscribe("b")');
  await until(async () => {
    await node.publishNumbers('b', 1_000, 1_001);
    return (await page.evaluate('got')).includes(1_000);
  }, 'an event of the other channel');
  const got = (await page.evaluate('got')).filter((n) => n < 1_000);
  assert.deepEqual(got, numbers(0, 60));
  assert.deepEqual(await page.evaluate('gaps'), []);
});

test('the server restarts, by a signal and by a kill, and nothing is lost or doubled', async (t) => {
  const node = await runSluice(t, `
inputs:
  tick: {plugin: ticker, rate: 100, replayable: true}
mappings:
  - {from: "tick:{all**}", channel: ticks}
delivery: {retry: 10ms}
`);
  const page = await openPage(t, node.url, { channels: 'ticks' });
  for (const signal of ['SIGTERM', 'SIGKILL']) {
    await hasGot(page, await page.evaluate('got.length') + 50);
    await node.stop(signal);
    await node.start();
    await node.ready();
  }
  await hasGot(page, await page.evaluate('got.length') + 50);
  const got = await page.evaluate('got');
  assert.deepEqual(got, numbers(got[0], got[0] + got.length));
  assert.deepEqual(await page.evaluate('gaps'), []);
});

test('channels come and go on a living stream', async (t) => {
  const node = await runSluice(t);
  const page = await openPage(t, node.url, { channels: ['a'] });
  const changed = page.waitForResponse((response) => response.request().method() === 'PATCH');
  await page.evaluate('client.subscribe("b/{x}"); client.subscribe("c"); client.unsubscribe("a")');
  assert.equal((await changed).status(), 200);
  await node.publish([{ channel: 'a', data: -1 }, { channel: 'b/1', data: 0 }, { channel: 'c', data: 1 }]);
  await hasGot(page, 2);
  assert.deepEqual(await page.evaluate('got'), [0, 1]);
  assert.deepEqual(await page.evaluate('states'), ['connecting', 'live'], 'one connection did it');
});

test('a table is the latest of each key, also after its history is gone', async (t) => {
  const node = await runSluice(t, `
publish: {key: test-key}
delivery: {retry: 10ms}
channels: {"stock/{any}": {snapshot: latest-per-key, history: {events: 20}}}
`);
  const proxy = await tcpProxy(t, node.url);
  const page = await (await user(t, proxy.url)).open();
  const row = (key, data) => ({ channel: 'stock/eu', key, data });
  await node.publish([row('a', 1), row('b', 2), row('a', 3)]);
  await read(page, { channels: 'stock/eu', from: 'snapshot' });
  await page.evaluate('globalThis.store = client.store("stock/eu")');
  await page.waitForFunction('store.synced');
  const rows = () => page.evaluate('store.values().map(({ key, data }) => [key, data])');
  assert.deepEqual(await rows(), [['b', 2], ['a', 3]]);
  await node.publish([{ channel: 'stock/eu', event: 'delete', key: 'b', data: { key: 'b' } }, row('c', 4)]);
  await page.waitForFunction('store.get("c")');
  assert.deepEqual(await rows(), [['a', 3], ['c', 4]]);
  // Away for longer than the history: the page asks for another snapshot.
  await page.evaluate('client.unsubscribe("stock/eu")');
  await page.waitForFunction('client.state === "idle"');
  for (let n = 0; n < 2_000; n += 500)
    await node.publish(Array.from({ length: 500 }, (_, i) => row('d', n + i)));
  await page.evaluate('client.subscribe("stock/eu")');
  await page.waitForFunction('store.get("d")?.data === 1999');
  assert.deepEqual(await rows(), [['a', 3], ['c', 4], ['d', 1_999]]);
});
