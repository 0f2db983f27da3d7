// A Sluice process for tests: on free ports, ended by its pid. SLUICE_PROGRAM says which.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from './wait.mjs';

export const top = fileURLToPath(new URL('../../..', import.meta.url));
const program = process.env.SLUICE_PROGRAM ?? path.join(top, 'build/release/sluice');

/** Events are published by the tests. */
export const published = `
publish: {key: test-key}
delivery: {retry: 10ms}
`;

export class Sluice {
  #folder = mkdtempSync(path.join(os.tmpdir(), 'sluice-client-test-'));
  #child;
  #log = '';
  #port = 0;

  /** `files`: what shall lie beside the configuration, as {name: text}. */
  constructor(config, files = {}) {
    for (const [name, text] of Object.entries({ ...files, 'sluice.yaml': config })) {
      const file = path.join(this.#folder, name);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
  }

  async start() {
    this.#log = '';
    this.#child = spawn(program, ['run', path.join(this.#folder, 'sluice.yaml'),
      '--listen', `127.0.0.1:${this.#port}`, '--admin', '127.0.0.1:0'],
      { cwd: this.#folder, stdio: ['ignore', 'ignore', 'pipe'] });
    this.#child.stderr.setEncoding('utf8').on('data', (text) => (this.#log += text));
    const announced = (pattern) => until(() => {
      if (this.#child.exitCode !== null) throw new Error(`sluice ended:\n${this.#log}`);
      return pattern.exec(this.#log)?.[1];
    }, `${pattern} in the log`);
    this.url = await announced(/\blistening on (http:\/\/[0-9.]+:\d+)/);
    this.admin = await announced(/\badmin on (http:\/\/[0-9.]+:\d+)/);
    this.#port = Number(new URL(this.url).port);
    return this;
  }

  async stop(signal = 'SIGTERM') {
    const ended = new Promise((resolve) => this.#child.once('close', resolve));
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      this.#child.kill(signal);
      await ended;
    }
  }

  async close() {
    await this.stop('SIGKILL');
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async publish(events) {
    const response = await fetch(`${this.url}/publish`, {
      method: 'POST', body: JSON.stringify(events), headers: { Authorization: 'Bearer test-key' } });
    if (!response.ok) throw new Error(`publish: ${response.status} ${await response.text()}`);
  }

  publishNumbers(channel, first, last) {
    return this.publish(Array.from({ length: last - first }, (_, i) => ({ channel, data: first + i })));
  }

  async ready() {
    await until(async () => (await fetch(`${this.url}/readyz`)).ok, '/readyz', 60);
  }

  /** Streams that are there. */
  async subscribers() {
    const text = await (await fetch(`${this.admin}/metrics`)).text();
    return [...text.matchAll(/^sluice_subscribers\{.*\} (\d+)/gm)]
      .reduce((sum, [, count]) => sum + Number(count), 0);
  }
}

/** Starts one, and ends it with the test `t`. */
export async function runSluice(t, config = published, files = {}) {
  const node = new Sluice(config, files);
  t.after(() => node.close());
  return node.start();
}
