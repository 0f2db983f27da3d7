// One connection of all tabs of a browser, in Chromium against the real program.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hasGot, isLive, read, useBrowser, user } from '../support/pages.mjs';
import { tcpProxy } from '../support/proxies.mjs';
import { published, runSluice } from '../support/sluice.mjs';
import { numbers, until } from '../support/wait.mjs';

useBrowser();

async function openTabs(t, url, ...optionsOfEach) {
  const one = await user(t, url);
  const pages = [];
  for (const options of optionsOfEach) {
    const page = await one.open();
    await read(page, { tabs: true, ...options });
    await isLive(page);
    pages.push(page);
  }
  return pages;
}

function transports(pages) {
  return Promise.all(pages.map((page) => page.evaluate('client.transport')));
}

test('tabs share a connection, each with its own channels', async (t) => {
  const node = await runSluice(t);
  const [first, second, third] = await openTabs(t, node.url,
    { channels: ['a'] }, { channels: ['a', 'b'] }, { channels: ['c'], tabs: 'another user' });
  assert.deepEqual(await transports([first, second, third]), ['stream', 'tab', 'stream']);
  assert.equal(await node.subscribers(), 2);
  await until(async () => {
    await node.publish([{ channel: 'b', data: -1 }]);
    return (await second.evaluate('got')).length;
  }, 'the channel that the second tab adds');
  await second.evaluate('got.length = 0');
  for (let n = 0; n < 100; n += 10) {
    await node.publishNumbers('a', n, n + 10);
    await node.publishNumbers('b', n + 1_000, n + 1_010);
  }
  await hasGot(first, 100);
  await hasGot(second, 200);
  assert.deepEqual(await first.evaluate('got'), numbers(0, 100));
  assert.deepEqual((await second.evaluate('got')).sort((x, y) => x - y),
    [...numbers(0, 100), ...numbers(1_000, 1_100)]);
  assert.deepEqual([...first.errors, ...second.errors], []);
});

test('when tabs close, the others lose and double nothing', async (t) => {
  const node = await runSluice(t);
  const tabs = await openTabs(t, node.url, ...Array(4).fill({ channels: 'a' }));
  assert.deepEqual(await transports(tabs), ['stream', 'tab', 'tab', 'tab']);
  let sent = 0;
  let isPublishing = true;
  const publishing = (async () => {
    while (isPublishing || sent % 100) {
      await node.publishNumbers('a', sent, sent + 10);
      sent += 10;
    }
  })();
  while (tabs.length > 1) {
    const before = sent;
    await until(() => sent > before + 200, 'more events');
    // The first has the connection: now by closing the page, now by closing the client.
    const page = tabs.shift();
    if (tabs.length % 2) await page.close();
    else await page.evaluate('client.close()');
    await tabs[0].waitForFunction('client.transport === "stream"');
  }
  isPublishing = false;
  await publishing;
  for (const page of tabs) {
    await hasGot(page, sent);
    assert.deepEqual(await page.evaluate('got'), numbers(0, sent));
    assert.deepEqual(await page.evaluate('gaps'), []);
  }
  await until(async () => await node.subscribers() === 1, 'one stream');
});

test('the tabs that stay keep up with one another over a cut network', async (t) => {
  const node = await runSluice(t);
  const proxy = await tcpProxy(t, node.url);
  const tabs = await openTabs(t, proxy.url, ...Array(3).fill({ channels: 'a' }));
  for (let n = 0; n < 200; n += 20) {
    await node.publishNumbers('a', n, n + 20);
    proxy.cut();
  }
  for (const page of tabs) {
    await hasGot(page, 200);
    assert.deepEqual(await page.evaluate('got'), numbers(0, 200));
  }
});

test('a tab that crashes while it has the connection hands it on', async (t) => {
  const node = await runSluice(t);
  const [leader, ...others] = await openTabs(t, node.url, ...Array(3).fill({ channels: 'a' }));
  await node.publishNumbers('a', 0, 50);
  for (const page of others) await hasGot(page, 50);
  const crashed = leader.waitForEvent('crash');
  leader.goto('chrome://crash').catch(() => {});
  await node.publishNumbers('a', 50, 100);
  await crashed;
  await node.publishNumbers('a', 100, 150);
  for (const page of others) {
    await hasGot(page, 150);
    assert.deepEqual(await page.evaluate('got'), numbers(0, 150));
    assert.deepEqual(await page.evaluate('gaps'), []);
  }
  assert.deepEqual((await transports(others)).sort(), ['stream', 'tab']);
  await until(async () => await node.subscribers() === 1, 'one stream');
});

test('a tab whose leader says nothing more goes on by itself', async (t) => {
  const node = await runSluice(t, `
publish: {key: test-key}
delivery: {retry: 10ms, keepalive: 1s}
`);
  const [leader, other] = await openTabs(t, node.url, { channels: 'a' }, { channels: 'a' });
  await node.publishNumbers('a', 0, 5);
  await hasGot(other, 5);
  // The leader's messages go nowhere from here on, though it holds its lock.
  await leader.evaluate(() => {
    BroadcastChannel.prototype.postMessage = () => {};
  });
  await node.publishNumbers('a', 5, 10);
  await hasGot(other, 10);
  assert.deepEqual(await other.evaluate('got'), numbers(0, 10));
  assert.equal(await other.evaluate('client.transport'), 'stream');
});

test('a new tab gets the table, and the last events, from the others', async (t) => {
  const node = await runSluice(t, published + `
channels: {"stock/{any}": {snapshot: latest-per-key}}
`);
  const row = (key, data) => ({ channel: 'stock/eu', key, data });
  await node.publish([row('a', 1), row('b', 2), row('a', 3)]);
  const table = { channels: 'stock/eu', from: 'snapshot' };
  const pages = await openTabs(t, node.url, table, table);
  for (const page of pages) {
    await page.evaluate('globalThis.store = client.store("stock/eu")');
    await page.waitForFunction('store.synced');
  }
  await node.publish([row('c', 4)]);
  for (const page of pages) {
    await page.waitForFunction('store.get("c")');
    assert.deepEqual(await page.evaluate('store.values().map(({ key, data }) => [key, data])'),
      [['b', 2], ['a', 3], ['c', 4]]);
  }
  assert.deepEqual(await transports(pages), ['stream', 'tab']);

  const news = { channels: 'news', from: '-2' };
  const [first] = await openTabs(t, node.url, news);
  await node.publishNumbers('news', 0, 5);
  await hasGot(first, 5);
  const second = await first.context().newPage();
  await second.goto(node.url + '/page');
  await read(second, { tabs: true, ...news });
  await hasGot(second, 2);
  assert.deepEqual(await second.evaluate('got'), [3, 4]);
  assert.equal(await second.evaluate('client.transport'), 'tab');
});

test('where nothing can be shared each tab has its own', async (t) => {
  const node = await runSluice(t);
  const one = await user(t, node.url);
  await one.context.addInitScript(() => {
    Object.defineProperty(navigator, 'locks', { value: undefined });
  });
  for (const expected of [1, 2]) {
    const page = await one.open();
    await read(page, { channels: 'a', tabs: true });
    await isLive(page);
    assert.equal(await page.evaluate('client.transport'), 'stream');
    assert.equal(await node.subscribers(), expected);
  }
});
