// The same file in Deno.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { deps } from '../../browser/packages.mjs';
import { answerJson, eventBlock, openBlock, serve, startStream } from '../support/scripted_server.mjs';
import { top } from '../support/sluice.mjs';
import { numbers } from '../support/wait.mjs';

const program = `
import { connect } from ${JSON.stringify(path.join(top, 'share/client/sluice-client.js'))};
const client = connect({ url: Deno.args[0], channels: 'a', auth: () => 'token', tabs: true });
const got = [];
for await (const event of client) {
  got.push(event.data);
  if (got.length === 2) client.subscribe('b');
  if (got.length === 6) break;
}
console.log(JSON.stringify({ got, transport: client.transport }));
client.close();
`;

/** The program lies in the package for this machine; the one for all only looks for it. */
function denoProgram() {
  const folder = path.join(deps, 'node/node_modules/@deno');
  return path.join(folder, readdirSync(folder)[0], 'deno');
}

test('it reads, changes channels and resumes in Deno', async (t) => {
  const cache = mkdtempSync(path.join(os.tmpdir(), 'sluice-deno-'));
  t.after(() => rmSync(cache, { recursive: true }));
  const server = await serve(t, (request, response) => {
    if (request.method === 'PATCH') return answerJson(response, 200, { channels: [] });
    const first = request.id ? Number(request.id.slice(1)) + 1 : 1;
    startStream(response);
    response.end(openBlock({}, { id: `p${first - 1}`, retry: 0 }) + eventBlock(first) + eventBlock(first + 1));
  });
  const child = spawn(denoProgram(), ['run', '--quiet', '--no-config', '--no-remote', '--allow-net', '-', server.url],
    { env: { ...process.env, DENO_DIR: cache, DENO_NO_UPDATE_CHECK: '1' }, stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(program);
  let out = '';
  child.stdout.on('data', (text) => (out += text));
  assert.equal(await new Promise((resolve) => child.on('close', resolve)), 0);
  assert.deepEqual(JSON.parse(out), { got: numbers(1, 7), transport: 'stream' });
  assert.equal(server.requests[0].headers.authorization, 'Bearer token');
});
