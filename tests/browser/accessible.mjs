// Looks at a page as those see it who use a keyboard or a screen reader, or want nothing to move:
//   node accessible.mjs URL READY [KEY]
// READY: a selector that is there once data flows; KEY: of the console. Prints as JSON what is wrong.
import { readFileSync } from 'node:fs';
import { launchChromium, load } from './packages.mjs';

const [url, ready, key] = process.argv.slice(2);
const axe = readFileSync(load.resolve('axe-core/axe.min.js'), 'utf8');
const tabsMax = 80;
const browser = await launchChromium();
const wrong = [];

/** The page with data, as one view after the other: those that its navigation names, or all of it. */
async function* views(options) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options });
  context.setDefaultTimeout(60_000 * Number(process.env.SLUICE_PATIENCE ?? 1));
  const page = await context.newPage();
  await page.goto(url);
  if (key) {
    await page.fill('#key-text', key);
    await page.keyboard.press('Enter');
  }
  await page.locator(ready).first().waitFor();
  const names = await page.locator('nav a').evaluateAll((links) => links.map(({ hash }) => hash));
  for (const name of names.length ? names : ['']) {
    if (name) await page.click(`nav a[href="${name}"]`);
    yield { page, name };
  }
  await context.close();
}

/** Nothing is wider than a phone, a laptop or a wall. */
async function fits({ page, name }) {
  const { width, height } = page.viewportSize();
  for (const other of [390, 1_280, 2_560]) {
    await page.setViewportSize({ width: other, height });
    const over = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    if (over > 0) wrong.push(`${name}: ${over} pixels too wide at ${other}`);
  }
  await page.setViewportSize({ width, height });
}

/** By the rules of axe: names, roles, contrast, order of headings. */
async function rules({ page, name }, scheme) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => axe.run(document, { resultTypes: ['violations'] }));
  for (const { id, help, nodes } of violations)
    wrong.push(`${name} ${scheme}: ${id}: ${help}: ${nodes.slice(0, 3).map((node) => `${node.html} ${
      node.any[0]?.message ?? ''}`).join(' | ')}`);
}

/** Tab reaches every control, and each shows that it has the focus, and keeps it. */
async function keyboard({ page, name }) {
  const controls = await page.evaluate(() => {
    const all = [...document.querySelectorAll('a[href], button, input, textarea, select, [tabindex="0"]')];
    const seen = all.filter((one) => !one.disabled && one.checkVisibility());
    for (const one of seen) one.dataset.control = '';
    document.activeElement?.blur();
    return seen.map((one) => one.outerHTML.slice(0, 80));
  });
  let reached = 0;
  for (let i = 0; i < Math.min(controls.length + 8, tabsMax); ++i) {
    await page.keyboard.press('Tab');
    const focus = await page.evaluate(() => {
      const one = document.activeElement, style = getComputedStyle(one);
      if (one === document.body) return null;
      const isNew = one.dataset.control !== 'reached';
      one.dataset.control = 'reached';
      return { isNew, html: one.outerHTML.slice(0, 80),
        isSeen: one.matches(':focus-visible') && style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2 };
    });
    if (!focus?.isNew) continue;
    ++reached;
    if (!focus.isSeen) wrong.push(`${name}: no focus is seen on ${focus.html}`);
  }
  if (reached < controls.length && reached < tabsMax - 8)
    wrong.push(`${name}: Tab reached ${reached} of ${controls.length} controls`);
}

/** The last control of a table keeps the focus while rows come. */
async function keepsFocus({ page, name }) {
  const control = page.locator('table button:visible').last();
  if (!(await control.count())) return;
  let label = null; // the row may be made anew between finding it and this
  for (let i = 0; label === null && i < 20; ++i)
    label = await control.evaluate((one) => {
      one.focus();
      return document.activeElement === one ? one.getAttribute('aria-label') ?? one.textContent : null;
    });
  await page.waitForTimeout(2_500);
  const has = await page.evaluate(() => document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent);
  if (has !== label) wrong.push(`${name}: "${label}" lost the focus to "${has.slice(0, 40)}"`);
}

/** How many pictures a second the liveliest canvas shows, over two seconds or more. */
function picturesPerSecond(page) {
  return page.evaluate(async () => {
    const canvases = [...document.querySelectorAll('canvas')], seen = canvases.map(() => new Set());
    const begun = performance.now();
    while (performance.now() - begun < 2_000) {
      canvases.forEach((canvas, i) => seen[i].add(canvas.toDataURL()));
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    return Math.max(0, ...seen.map(({ size }) => size)) / ((performance.now() - begun) / 1_000);
  });
}

/** Nothing runs for somebody who wants no motion; canvases show a picture now and then. */
async function motion({ page, name }) {
  for (let i = 0; i < 10; ++i) {
    const running = await page.evaluate(() => document.getAnimations()
      .filter(({ playState }) => playState === 'running').map(({ effect, animationName, transitionProperty }) =>
        `${animationName ?? transitionProperty} of ${effect.target.outerHTML.slice(0, 80)}`));
    if (running.length) return void wrong.push(`${name}: moves: ${running[0]}`);
    await page.waitForTimeout(150);
  }
  const pictures = await picturesPerSecond(page);
  if (pictures > 2) wrong.push(`${name}: a canvas shows ${pictures.toFixed(1)} pictures a second`);
}

for (const colorScheme of ['light', 'dark'])
  for await (const view of views({ colorScheme, reducedMotion: 'reduce' })) {
    await motion(view);
    await rules(view, colorScheme);
  }
for await (const view of views({})) {
  await fits(view);
  await keyboard(view);
  await keepsFocus(view);
}
console.log(JSON.stringify(wrong));
await browser.close();
