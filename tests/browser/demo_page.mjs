// Looks at the demo page as a person would, who tries every button:
//   node demo_page.mjs URL [stop=BROKER,BROKER]
// Prints as JSON what the page says in the end.
import { launchChromium } from './packages.mjs';

const [url, stop] = process.argv.slice(2);
const patience = Number(process.env.SLUICE_PATIENCE ?? 1);
const browser = await launchChromium();
const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB' });
const page = await context.newPage();
const faults = [];
page.on('pageerror', (error) => faults.push(String(error)));
page.on('request', (request) => {
  if (new URL(request.url()).hostname !== '127.0.0.1') faults.push(`asks ${request.url()}`);
});

const text = (selector) => page.locator(selector).textContent();
const number = async (id) => Number((await text(`#${id}`)).replaceAll(',', ''));

async function until(what, condition, seconds = 30) {
  for (const start = Date.now(); Date.now() - start < seconds * 1000 * patience;) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`not within ${seconds} s: ${what}\nlog of the page:\n${await page.locator('#log').innerText()}`);
}

async function sayOnce(what, pattern, seconds) {
  await until(what, async () => pattern.test(await page.locator('#log').innerText()), seconds);
}

async function everyPartIsAlive() {
  await until('orders', async () => await page.locator('#orders tr').count() >= 5);
  await until('temperatures', async () =>
    await page.locator('#sensors i:not(.unknown)').count() >= 100, 60);
  await until('prices', async () => await page.locator('#symbols span').count() === 4);
  await until('a chart of them', () => page.locator('#prices canvas').isVisible());
  await until('departures', async () => /[1-9]\d* departures/.test(await text('#flights-say')));
  await until('the figures of the node', async () => await number('received') > 0 &&
    await number('delivered') > 0 && await number('subscribers') >= 1 && await number('p99') >= 0);
  await until('the state live', async () => await text('#state') === 'live');
}

async function cut() {
  const checked = await number('checked');
  await page.locator('#cut').focus();
  await page.keyboard.press('Enter');
  await until('the state cut', async () => await text('#state') === 'cut by you');
  await sayOnce('what was caught up', /back after [\d.]+ s: [1-9]\d* events caught up in \d+ ms, 0 lost, 0 doubled/);
  await until('more events after it', async () => await number('checked') > checked + 50);
}

async function slowReader() {
  await page.locator('#slow').click();
  await until('a slow reader that is told', async () =>
    Number(await page.locator('#slow-says').getAttribute('data-told')) > 0, 90);
  if (!(await text('#slow-says')).includes('0 lost without a word')) throw new Error(await text('#slow-says'));
  await page.locator('#slow').click();
  await sayOnce('the end of the slow reader', /the slow reader has gone/);
}

/** A channel leaves the living stream and comes back, while the others go on. */
async function pause() {
  const asked = [];
  const keep = (request) => asked.push(`${request.method()} ${new URL(request.url()).pathname.split('/')[1]}`);
  page.on('request', keep);
  const departures = async () => Number(/(\d+) departures/.exec((await text('#flights-say')).replaceAll(',', ''))[1]);
  const button = page.getByRole('button', { name: 'Pause Flights' });
  const left = page.waitForResponse((response) => response.request().method() === 'PATCH');
  await button.click();
  if ((await left).status() !== 200) throw new Error('the channel did not leave');
  await page.waitForTimeout(1_000); // what it says comes twice a second
  const before = await departures(), checked = await number('checked');
  await until('the other channels', async () => await number('checked') > checked + 50);
  if (await departures() !== before) throw new Error('flights go on');
  const back = page.waitForResponse((response) => response.request().method() === 'PATCH');
  await page.getByRole('button', { name: 'Resume Flights' }).click();
  if ((await back).status() !== 200) throw new Error('the channel did not come back');
  await until('departures again', async () => await departures() > before);
  page.off('request', keep);
  const streams = asked.filter((one) => one === 'GET events');
  if (streams.length) throw new Error(`one stream was to do it: ${asked.join(', ')}`);
}

/** What the source itself keeps is not lost; ZeroMQ keeps nothing, and the page tells. */
async function stopAndStart(broker) {
  const button = page.locator(`#broker-${broker}`);
  await until(`a button for ${broker}`, () => button.isVisible());
  await button.click();
  await until(`${broker} stopped`, async () => (await button.textContent()).startsWith('Start'), 60);
  await sayOnce(`an input without ${broker}`, /input \w+: running → \w+/, 60);
  const checked = await number('checked');
  await button.click();
  await until(`${broker} started`, async () => (await button.textContent()).startsWith('Stop'), 90);
  await until('all inputs running', async () =>
    await page.locator('[data-input]:not([data-state=running])').count() === 0, 120);
  if (broker === 'zeromq') await until('the gap', async () => await number('told') > 0, 60);
  await until('more events after it', async () => await number('checked') > checked + 50);
}

/** Nothing is wider than the screen, and everything that can be pressed has a name. */
async function fits() {
  for (const width of [390, 1280, 2560]) {
    await page.setViewportSize({ width, height: 844 });
    const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    if (over > 0) throw new Error(`${over} pixels too wide at ${width}`);
  }
  for (const button of await page.getByRole('button').all())
    if (!(await button.textContent()).trim()) throw new Error('a button without a name');
}

await page.goto(url);
await everyPartIsAlive();
await cut();
await pause();
await slowReader();
for (const broker of stop ? stop.slice('stop='.length).split(',') : []) await stopAndStart(broker);
await fits();
const report = {};
for (const id of ['events', 'checked', 'lost', 'doubled', 'told']) report[id] = await number(id);
report.log = await page.locator('#log').innerText();
console.log(JSON.stringify(report));
await browser.close();
if (faults.length) throw new Error(`the page: ${faults.join('; ')}`);
