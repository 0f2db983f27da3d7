// Reads a stream with a client that many people use and prints each event as a line of JSON:
//   node read.mjs eventsource|eventsource-client|chromium URL COUNT
// Ends after COUNT events of users. Control events are printed too.
import { launchChromium, load } from './packages.mjs';

const [client, url, count] = process.argv.slice(2);
const types = ['message', 'order', 'sluice.open', 'sluice.at', 'sluice.gap'];
let left = Number(count);

function got(type, data, id) {
  if (left === 0) return;
  console.log(JSON.stringify({ type, data, id }));
  if (!type.startsWith('sluice.') && --left === 0) finished();
}
let finished;
const done = new Promise((resolve) => { finished = resolve; });

async function eventsource() {
  const { EventSource } = load('eventsource');
  const source = new EventSource(url);
  for (const type of types)
    source.addEventListener(type, (event) => got(type, event.data, event.lastEventId));
  await done;
  source.close();
}

async function eventsourceClient() {
  const { createEventSource } = load('eventsource-client');
  const source = createEventSource({
    url, onMessage: ({ event, data, id }) => got(event ?? 'message', data, id) });
  await done;
  source.close();
}

async function chromium() {
  const browser = await launchChromium();
  const page = await browser.newPage({ ignoreHTTPSErrors: true });  // a test's own authority
  // Same origin, so the stream needs no CORS; answered here, so it costs no connection.
  const blank = new URL('/blank', url).href;
  await page.route(blank, (route) => route.fulfill({ contentType: 'text/html', body: '' }));
  await page.exposeFunction('got', got);
  await page.goto(blank);
  await page.evaluate(([url, types]) => {
    globalThis.source = new EventSource(url);
    for (const type of types)
      source.addEventListener(type, (event) => got(type, event.data, event.lastEventId));
  }, [url, types]);
  await done;
  await browser.close();
}

await { eventsource, 'eventsource-client': eventsourceClient, chromium }[client]();
process.exit(0);
