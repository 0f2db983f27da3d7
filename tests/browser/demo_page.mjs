// Looks at the demo page as a person would: do events arrive, does it say so, does it come back?
//   node demo_page.mjs URL [SCREENSHOT.png]
import { launchChromium } from './packages.mjs';

const [url, screenshot] = process.argv.slice(2);
const browser = await launchChromium();
const page = await browser.newPage({ viewport: { width: 1200, height: 800 } });
const errors = [];
page.on('pageerror', (error) => errors.push(String(error)));

function number(id) {
  return page.locator(`#${id}`).textContent().then((text) => Number(text.replaceAll(',', '')));
}

async function until(condition, what) {
  for (const start = Date.now(); Date.now() - start < 15_000;) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`not within 15 s: ${what}`);
}

await page.goto(url);
await until(async () => await number('events') >= 5, 'five events on the page');
await until(async () => await page.locator('#state').textContent() === 'live', 'the state live');
const before = { events: await number('events'), id: await page.locator('#id').textContent() };
if (!before.id.startsWith('1.')) throw new Error(`no event id on the page: ${before.id}`);
await page.locator('#cut').click();
await until(async () => await number('opened') === 2, 'a second connection');
await until(async () => await number('events') > before.events + 3, 'more events after the cut');
if (screenshot) await page.screenshot({ path: screenshot });
console.log(JSON.stringify({ events: await number('events'), gaps: await number('gaps') }));
await browser.close();
if (errors.length) throw new Error(`errors in the page: ${errors}`);
