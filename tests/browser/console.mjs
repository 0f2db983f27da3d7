// Walks through the console of a node: node console.mjs ADMIN_URL KEY CHANNEL FOLDER
// Prints {"inputs", "mappings", "channels", "readers", "none", "tapped", "tried", "wrong", "errors"}: what it showed.
// KEY and FOLDER may be empty; FOLDER gets screenshots.
import { launchChromium } from './packages.mjs';

const [url, key, channel, folder] = process.argv.slice(2);
const browser = await launchChromium();
const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
const errors = [];
page.on('pageerror', (error) => errors.push(String(error)));
page.on('console', (line) => {
  // What is asked without the key, and mappings that are wrong, are answered so on purpose.
  if (line.type() === 'error' && !/status of (401|422)/.test(line.text())) errors.push(line.text());
});

const shown = (view) => page.locator(`#view-${view} tbody tr:not(:has(.none))`);
const picture = (name) => folder && page.screenshot({ path: `${folder}/${name}.png` });

await page.goto(url);
if (key) {
  await page.fill('#key-text', key);
  await page.click('#key button');
}
await shown('inputs').first().waitFor();
await page.waitForFunction(() => !document.querySelector('.figures').textContent.includes('–'));
const inputs = await shown('inputs').first().innerText();
await picture('inputs');

await page.click('nav a[href="#mappings"]');
const mappings = await shown('mappings').count();
await picture('mappings');
await page.click('nav a[href="#readers"]');
const reader = shown('readers').first();
await reader.waitFor();
const readers = await reader.innerText();
await picture('readers');
await page.fill('#readers-form [name=channel]', 'nobody reads this');
await page.locator('#view-readers td.none').waitFor();
const none = await page.innerText('#view-readers td.none');
await page.fill('#readers-form [name=channel]', '');
await reader.waitFor();
if (folder)
  for (const [name, width, height] of [['phone', 390, 844], ['laptop', 1280, 800], ['wall', 1920, 1080]])
    for (const colorScheme of ['light', 'dark']) {
      await page.setViewportSize({ width, height });
      await page.emulateMedia({ colorScheme });
      await picture(`readers-${name}-${colorScheme}`);
    }
await page.emulateMedia({ colorScheme: 'light' });
await page.setViewportSize({ width: 1280, height: 800 });

await page.click('nav a[href="#channels"]');
await page.fill('#channel-filter', channel);
const row = shown('channels').filter({ hasText: channel }).first();
await row.waitFor();
const channels = await row.innerText();
await picture('channels');
await row.getByRole('button', { name: 'Tap' }).click();
await shown('tap').first().waitFor();
const tapped = await shown('tap').first().innerText();
await picture('tap');
await page.click('#tap-stop');

await shown('tap').first().getByRole('button', { name: 'Try' }).click();
await page.click('#try-form button:has-text("Try it")');
await page.waitForSelector('#try-result article');
const tried = await page.innerText('#try-result');
await picture('try');
await page.fill('#try-form textarea[name=mappings]', '- from: nothing\n');
await page.click('#try-form button:has-text("Try it")');
await page.waitForSelector('#try-result article .bad');
const wrong = await page.innerText('#try-result');

console.log(JSON.stringify({ inputs, mappings, channels, readers, none, tapped, tried, wrong, errors }));
await browser.close();
