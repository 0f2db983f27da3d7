// Pages that bind events without code, by jQuery, and by React.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { deps, load } from '../../browser/packages.mjs';
import { useBrowser, user } from '../support/pages.mjs';
import { runSluice } from '../support/sluice.mjs';
import { until } from '../support/wait.mjs';

useBrowser();

const script = (name) => `<script src="/${name}"></script>`;

/** Publishes until the page has what it waits for: elements subscribe one after the other. */
async function publishUntil(node, events, page, condition) {
  await until(async () => {
    await node.publish(events);
    return page.evaluate(condition);
  }, condition);
}

test('elements say what they want, and show it', async (t) => {
  const node = await runSluice(t);
  const html = `<!doctype html>
    <div id="order" data-sse-address="/" data-sse-channels="orders/{region}" data-sse-events="order, refund">
      <b data-sse-text="total"></b> <i data-sse-text="customer.name"></i></div>
    <p id="news" data-sse-address="/" data-sse-channels="news" data-sse-text></p>
    <script>
      globalThis.seen = [];
      for (const type of ['sse.open', 'sse.order', 'sse.message'])
        document.addEventListener(type, ({ target, detail }) => seen.push([target.id, type, detail.data ?? 0]));
    </script>${script('sluice-client.classic.js')}`;
  const page = await (await user(t, node.url, html)).open();
  await page.waitForFunction('seen.length >= 2');
  assert.equal(await node.subscribers(), 1, 'one address is one connection');
  const order = { total: 9, customer: { name: '<b>Ann' } };
  await node.publish([{ channel: 'orders/eu', data: { total: 1 } },
    { channel: 'orders/eu', event: 'order', data: order }, { channel: 'news', data: 'hello' }]);
  await page.waitForFunction('document.querySelector("#news").textContent === "hello"');
  assert.equal(await page.locator('#order').innerText(), '9 <b>Ann');
  assert.deepEqual(await page.evaluate('seen'), [['order', 'sse.open', 0], ['news', 'sse.open', 0],
    ['order', 'sse.order', order], ['news', 'sse.message', 'hello']]);
  await page.evaluate(() => {
    document.body.insertAdjacentHTML('beforeend',
      '<u id="late" data-sse-address="/" data-sse-channels="late" data-sse-text></u>');
    Sluice.bind();
  });
  await publishUntil(node, [{ channel: 'late', data: 5 }], page,
    'document.querySelector("#late").textContent === "5"');
  assert.deepEqual(page.errors, []);
});

for (const name of ['jquery1', 'jquery2', 'jquery3', 'jquery'])
  test(`$.fn.sse and $.eventsource with ${name}`, async (t) => {
    const node = await runSluice(t);
    const folder = path.join(deps, 'node/node_modules', name);
    const { version, main } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
    // jQuery 1.9.1 names no file.
    const jquery = readFileSync(path.join(folder, main ?? 'jquery.js'), 'utf8');
    const html = `<!doctype html><div id="one" data-sse-address="/" data-sse-channels="base,more"></div>
      <div id="two" data-sse-events="order"></div>
      ${script('jquery.js')}${script('sluice-jquery.js')}
      <script>
        globalThis.seen = { one: [], two: [], events: [] };
        $('#one').on('sse.open', () => seen.one.push('open')).on('sse.message', (e, ...more) => seen.one.push(more[0]))
          .on('sse.order', (e, data, event) => seen.one.push([data, event.type])).sse({ debug: false });
        $('#two').on('sse.order', (e, data) => seen.two.push(data))
          .sse({ address: '/', channels: ['base'], type: 'text' });
        $.eventsource({ label: 'old', url: '/events?channels=base', data: { from: 'live' }, dataType: 'json',
          open() { seen.events.push('open ' + this.label); },
          message(data, event) { seen.events.push(data, !!event.lastEventId); } });
      </script>`;
    const page = await (await user(t, node.url, html, { 'jquery.js': jquery })).open();
    assert.equal(await page.evaluate('$.fn.jquery'), version);
    await page.waitForFunction('seen.one.length && seen.events.length');
    assert.equal(await node.subscribers(), 2);
    await node.publish([{ channel: 'base', data: { a: 1 } }, { channel: 'base', event: 'order', data: { b: 2 } },
      { channel: 'more', data: [7, 8] }]);
    await page.waitForFunction('seen.one.length >= 4 && seen.two.length && seen.events.length >= 3');
    assert.deepEqual(await page.evaluate('seen'), {
      one: ['open', { a: 1 }, [{ b: 2 }, 'order'], 7], two: ['{"b":2}'],
      events: ['open old', { a: 1 }, true] });
    assert.deepEqual(await page.evaluate('Object.keys($.eventsource("streams"))'), ['old']);
    await page.evaluate('$.eventsource("close", "old")');
    await until(async () => await node.subscribers() === 1, 'the end of its stream');
    assert.deepEqual(page.errors, []);
  });

test('React hooks follow channels, tables and the connection', async (t) => {
  const node = await runSluice(t, `
publish: {key: test-key}
delivery: {retry: 10ms}
channels: {"stock/{any}": {snapshot: latest-per-key}}
`);
  await node.publish([{ channel: 'stock/eu', key: 'x', data: 1 }]);
  const bundle = await load('esbuild').build({
    entryPoints: [fileURLToPath(new URL('./react_page.jsx', import.meta.url))],
    bundle: true, write: false, format: 'iife', nodePaths: [path.join(deps, 'node/node_modules')],
    define: { 'process.env.NODE_ENV': '"development"' } });
  const html = `<!doctype html><div id="root"></div>${script('react.js')}`;
  const page = await (await user(t, node.url, html, { 'react.js': bundle.outputFiles[0].text })).open();
  await page.waitForFunction('document.querySelector("#state")?.textContent === "live"');
  await page.waitForFunction('document.querySelector("#rows")?.textContent === "x=1"');
  await node.publish([...Array(500).keys()].map((n) => ({ channel: 'ticks', data: n }))
    .concat([{ channel: 'stock/eu', key: 'y', data: 2 }]));
  await page.waitForFunction('document.querySelector("#sum").textContent === "124750"');
  await page.waitForFunction('document.querySelector("#rows").textContent === "x=1,y=2"');
  assert.ok(await page.evaluate('renders') < 100, 'it draws once a frame, not once an event');
  await page.evaluate('hide()');
  await page.waitForFunction('document.querySelector("#sum") === null');
  await page.waitForFunction('client.channels.join() === "stock/eu"');
  assert.deepEqual(page.errors, []);
});
