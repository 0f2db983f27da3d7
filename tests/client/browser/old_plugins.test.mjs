// Pages of cyclone-sse and tornado-sse as they are: their plugins, with an old jQuery, in Chromium.
// No registry has these plugins: what stands in tests/client/support/old_plugins does the same to
// the server and to the page. SLUICE_OLD_PLUGINS names a folder that has the originals.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { deps } from '../../browser/packages.mjs';
import { useBrowser, user } from '../support/pages.mjs';
import { tcpProxy } from '../support/proxies.mjs';
import { runSluice } from '../support/sluice.mjs';
import { numbers, until } from '../support/wait.mjs';

useBrowser();

const folder = process.env.SLUICE_OLD_PLUGINS ??
  fileURLToPath(new URL('../support/old_plugins', import.meta.url));
const script = (name) => `<script src="/${name}"></script>`;
const withoutEventSource = '<script>delete window.EventSource;</script>';

const files = Object.fromEntries(['jquery.eventsource.js', 'jquery.sse.js', 'sse.js'].map((name) =>
  [name, readFileSync(path.join(folder, name), 'utf8')]));
for (const name of ['jquery1', 'jquery112'])
  files[`${name}.js`] = readFileSync(path.join(deps, 'node/node_modules', name,
    name === 'jquery1' ? 'jquery.js' : 'dist/jquery.js'), 'utf8');

function run(t, compat, delivery = 'retry: 10ms') {
  return runSluice(t, `compat: ${compat}\npublish: {key: secret}\ndelivery: {${delivery}}\n`);
}

/** As an application of theirs publishes. */
async function publish(node, channel, message) {
  const body = new URLSearchParams({ key: 'secret', message: JSON.stringify(message) });
  for (const one of [channel].flat()) body.append('channel', one);
  const response = await fetch(`${node.url}/publish`, { method: 'POST', body });
  assert.deepEqual([response.status, await response.json()], [200, { status: 'ok' }]);
}

/** What the page sent, as it went out. */
function keepRequests(page) {
  const requests = [];
  page.on('request', (request) => {
    if (new URL(request.url()).searchParams.has('channels')) requests.push(request);
  });
  return requests;
}

async function open(t, url, html) {
  const page = await (await user(t, url, `<!doctype html>${html}`, files)).open();
  const requests = keepRequests(page);
  return { page, requests };
}

/** A page of `$.eventsource`; what came lies in `got`, and behind what in `ids`. */
const eventsource = (jquery, way) => `${way}${script(`${jquery}.js`)}${script('jquery.eventsource.js')}
  <script>
    globalThis.got = []; globalThis.ids = []; globalThis.nothing = 0; globalThis.opened = 0;
    globalThis.begin = () => $.eventsource({
      label: 'news', url: '/', data: $.param({ channels: ['a', 'b'] }, true), dataType: 'json',
      open: () => ++opened,
      message: (data, event) => {
        if (data === null) return ++nothing;
        got.push(data);
        ids.push(event.lastEventId);
      } });
  </script>`;

/** What is sent: with line breaks, which cyclone-sse let make up fields. */
const message = (n) => ({ n, text: 'line\nid: 7\nevent: x' });

for (const compat of ['cyclone-sse', 'tornado-sse'])
  for (const jquery of ['jquery1', 'jquery112']) {
    test(`${compat}: jquery.eventsource with ${jquery} by EventSource, over cut networks`, async (t) => {
      const node = await run(t, compat);
      const proxy = await tcpProxy(t, node.url);
      const { page, requests } = await open(t, proxy.url, eventsource(jquery, ''));
      await page.evaluate('begin()');
      await until(async () => await node.subscribers() === 1, 'a reader');
      for (let n = 0; n < 60; ++n) {
        await publish(node, n % 2 ? 'a' : 'b', message(n));
        if (n % 20 !== 10) continue;
        await page.waitForFunction((count) => got.length >= count, n);
        proxy.cut();
      }
      await page.waitForFunction('got.length >= 60');
      assert.deepEqual(await page.evaluate('got'), numbers(0, 60).map(message));
      const ids = await page.evaluate('ids');
      assert.equal(new Set(ids).size, 60, 'each event has its id');
      assert.ok(requests.length >= 4, 'it came back after each cut');
      await page.evaluate('$.eventsource("close", "news")');
      await until(async () => await node.subscribers() === 0, 'the end of the stream');
      assert.deepEqual([await page.evaluate('nothing'), page.errors], [0, []]);
    });

    test(`${compat}: jquery.eventsource with ${jquery} by one answer after the other`, async (t) => {
      const node = await run(t, compat);
      const { page, requests } = await open(t, node.url, eventsource(jquery, withoutEventSource));
      await page.evaluate('begin()');
      await until(async () => await node.subscribers() === 1, 'a reader');
      for (let n = 0; n < 5; ++n) await publish(node, n % 2 ? 'a' : 'b', message(n));
      await publish(node, ['a', 'b'], [1, 'two', null]);
      await page.waitForFunction('got.length >= 6');
      assert.deepEqual(await page.evaluate('got'), [...numbers(0, 5).map(message), [1, 'two', null]]);
      await until(() => requests.length >= 7, 'the poll behind the last event');
      const sent = await Promise.all(requests.slice(0, 7).map((one) => one.headerValue('last-event-id')));
      assert.deepEqual(sent, [null, ...await page.evaluate('ids')]);
      assert.ok(await page.evaluate('opened') >= 7);
      assert.deepEqual([await page.evaluate('nothing'), page.errors], [0, []]);
    });
  }

const ways = { EventSource: '', 'one answer after the other': withoutEventSource };

for (const [name, way] of Object.entries(ways)) {
  test(`cyclone-sse: jquery.sse by ${name} tells elements, also after pings`, async (t) => {
    const node = await run(t, 'cyclone-sse', 'retry: 10ms, keepalive: 1s, poll: 1s');
    const { page, requests } = await open(t, node.url, `${way}
      <div id="one" class="sse" data-sse-channels="a, b" data-sse-events="order"></div>
      <div id="two" class="sse" data-sse-channels="b" data-sse-events="order,refund"></div>
      ${script('jquery1.js')}${script('jquery.eventsource.js')}${script('jquery.sse.js')}
      <script>
        globalThis.got = { one: [], two: [], opened: 0 };
        for (const id of ['one', 'two'])
          $('#' + id).on('sse.open', () => ++got.opened)
            .on('sse.order sse.refund', (event, data) => got[id].push([event.namespace, data.n]));
        globalThis.begin = () => $.sse({ url: '/' });
      </script>`);
    await page.evaluate('begin()');
    await until(async () => await node.subscribers() === 1, 'a reader');
    await publish(node, 'a', ['order', { n: 1 }]);
    await page.waitForFunction('got.one.length >= 1');
    const before = requests.length;
    // A ping has come, or a poll has ended by one and another was asked.
    await (way ? until(() => requests.length >= before + 3, 'more polls')
      : page.waitForTimeout(1_500));
    await publish(node, 'b', ['refund', { n: 2 }]);
    await publish(node, 'b', ['order', { n: 3 }]);
    await page.waitForFunction('got.one.length >= 2 && got.two.length >= 3');
    const { one, two, opened } = await page.evaluate('got');
    assert.deepEqual([one, two], [[['order', 1], ['order', 3]], [['order', 1], ['refund', 2], ['order', 3]]]);
    assert.ok(opened >= 2);
    assert.deepEqual(page.errors, []);
  });

  test(`tornado-sse: sse.js by ${name} tells the body, also where nothing happens for long`, async (t) => {
    const node = await run(t, 'tornado-sse', 'retry: 10ms, keepalive: 1s, poll: 1s');
    const { page, requests } = await open(t, node.url, `${way}<body sse-data="/?channels=a,b">
      ${script('jquery1.js')}${script('jquery.eventsource.js')}
      <script>
        globalThis.got = [];
        $('body').on('sse.open sse.message sse.order sse.error', (event, data) =>
          got.push([event.namespace, data && data.n]));
      </script>${script('sse.js')}`);
    await until(async () => await node.subscribers() === 1, 'a reader');
    const before = requests.length;
    await (way ? until(() => requests.length >= before + 3, 'more polls')
      : page.waitForTimeout(1_500));
    const events = () => page.evaluate('got.filter(([type]) => type !== "open")');
    // Until its first event it has no id to go on behind.
    await until(async () => await node.subscribers() === 1, 'a reader again');
    await publish(node, 'a', { n: 1 });
    await until(async () => (await events()).length, 'the first event');
    await publish(node, 'b', { type: 'order', n: 2 });
    await until(async () => (await events()).length >= 2, 'both events');
    assert.deepEqual(await events(), [['message', 1], ['order', 2]]);
    assert.deepEqual(page.errors, []);
  });
}
