// Pages in Chromium: one browser for a file of tests, one context (a user) for each test.
import { after, before } from 'node:test';
import { launchChromium } from '../../browser/packages.mjs';
import { patience } from './wait.mjs';

let browser;

/** Opens it before the tests of the file that calls. */
export function useBrowser() {
  before(async () => (browser = await launchChromium()));
  after(() => browser.close());
}

/** What pages of a test begin with; it collects what goes wrong in them. */
export const module = '<!doctype html><body><script type="module">' +
  'import { connect } from "/sluice-client.js"; globalThis.connect = connect;</script>';

/** A user, for whom the origin `url` answers `/page` with `html`; the client comes from the program. */
export async function user(t, url, html = module, files = {}) {
  const context = await browser.newContext();
  context.setDefaultTimeout(60_000 * patience);
  t.after(() => context.close());
  await context.route(url + '/page', (route) => route.fulfill({ contentType: 'text/html', body: html }));
  for (const [name, body] of Object.entries(files))
    await context.route(`${url}/${name}`, (route) => route.fulfill({ contentType: 'text/javascript', body }));
  return {
    context,
    async open() {
      const page = await context.newPage();
      page.errors = [];
      page.on('pageerror', (error) => page.errors.push(String(error)));
      await page.goto(url + '/page');
      return page;
    },
  };
}

/** Connects in the page; what comes lies in its `got`, `gaps`, `states`. */
export async function read(page, options) {
  await page.waitForFunction(() => globalThis.connect);
  await page.evaluate((options) => {
    Object.assign(globalThis, { got: [], gaps: [], states: [], failures: [] });
    globalThis.client = connect(options);
    client.on('*', '*', ({ data }) => got.push(data?.n ?? data));
    client.on('gap', ({ reason }) => gaps.push(reason));
    client.on('state', (state) => states.push(state));
    client.on('error', ({ message }) => failures.push(message));
  }, options);
}

export function isLive(page) {
  return page.waitForFunction(() => globalThis.client.state === 'live');
}

export function hasGot(page, count) {
  return page.waitForFunction((count) => globalThis.got.length >= count, count);
}
