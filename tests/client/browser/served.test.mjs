// The program serves the client library.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { runSluice, top } from '../support/sluice.mjs';

const names = ['sluice-client.js', 'sluice-tabs.js', 'sluice-client.classic.js', 'sluice-jquery.js',
  'sluice-react.js'];

test('each file is served as it was committed, to pages of allowed origins', async (t) => {
  const node = await runSluice(t, 'cors: {origins: ["https://shop.example"]}\n');
  for (const name of names) {
    const response = await fetch(`${node.url}/${name}`, { headers: { Origin: 'https://shop.example' } });
    assert.equal(response.status, 200, name);
    assert.match(response.headers.get('content-type'), /^text\/javascript/);
    assert.equal(response.headers.get('access-control-allow-origin'), 'https://shop.example');
    assert.equal(await response.text(), readFileSync(path.join(top, 'share/client', name), 'utf8'));
  }
  assert.equal((await fetch(`${node.url}/package.json`)).status, 404);
});

test('a file of the user goes first', async (t) => {
  const node = await runSluice(t, 'static: pages\n', {
    'pages/sluice-client.js': 'mine()', 'pages/index.html': '<p>' });
  assert.equal(await (await fetch(`${node.url}/sluice-client.js`)).text(), 'mine()');
  assert.equal(await (await fetch(`${node.url}/`)).text(), '<p>');
  assert.equal((await fetch(`${node.url}/sluice-tabs.js`)).status, 200);
});
