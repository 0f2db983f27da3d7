// npm packages lie in build/deps/node, not beside the tests.
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

export const deps = process.env.SLUICE_DEPS ?? fileURLToPath(new URL('../../build/deps', import.meta.url));

export const load = createRequire(`${deps}/node/package.json`);

export async function launchChromium() {
  const { chromium } = load('playwright-core');
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'],
  });
}
