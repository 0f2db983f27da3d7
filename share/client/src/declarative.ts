import type { Client, Options, SluiceEvent } from '../sluice-client';
import { SluiceClient } from './client';

const clients = new Map<string, Client>();
const bound = new WeakSet<Element>();

export function listOf(element: Element, attribute: string): string[] {
  return (element.getAttribute(attribute) ?? '').split(/[\s,]+/).filter(Boolean);
}

export function clientOf(address: string, options: Options): Client {
  let client = clients.get(address);
  if (!client) clients.set(address, (client = new SluiceClient({ ...options, url: address })));
  return client;
}

/** `total` or `customer.name` of the data; the whole of it where no field is named. */
function fieldOf(data: any, path: string): unknown {
  return path ? path.split('.').reduce((value, name) => value?.[name], data) : data;
}

function show(element: Element, { data }: SluiceEvent) {
  const places = [...element.querySelectorAll('[data-sse-text]')];
  if (element.hasAttribute('data-sse-text')) places.push(element);
  for (const place of places) {
    const value = fieldOf(data, place.getAttribute('data-sse-text')!);
    if (value !== undefined)
      place.textContent = typeof value === 'object' ? JSON.stringify(value) : (value as string);
  }
}

function bindOne(element: Element, options: Options) {
  if (bound.has(element)) return;
  bound.add(element);
  const client = clientOf(element.getAttribute('data-sse-address')!, options);
  const tell = (name: string, detail: unknown) =>
    element.dispatchEvent(new CustomEvent('sse.' + name, { detail, bubbles: true }));
  const types = listOf(element, 'data-sse-events');
  for (const channel of listOf(element, 'data-sse-channels')) {
    client.subscribe(channel);
    for (const type of types.length ? types : ['*'])
      client.on(channel, type, (event) => {
        show(element, event);
        tell(event.type, event);
      });
  }
  for (const what of ['open', 'gap', 'error'] as const)
    client.on(what as 'open', (about) => tell(what, about));
}

/** As the types say. */
export function bind(root: ParentNode = document, options: Options = {}) {
  if ((root as Element).hasAttribute?.('data-sse-address')) bindOne(root as Element, options);
  for (const element of root.querySelectorAll('[data-sse-address]')) bindOne(element, options);
}
