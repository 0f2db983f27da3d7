/** The jQuery plugin: docs/client.md; in the place of those of cyclone-sse and tornado-sse. */
import type { Client, Options, SluiceEvent } from '../sluice-client';
import { SluiceClient } from './client';
import { clientOf, listOf } from './declarative';

const $ = (globalThis as any).jQuery;

interface Settings extends Options {
  address?: string;
  /** How data comes: `json`, as it is parsed, or `text`. */
  type?: string;
  events?: string[] | string;
  debug?: boolean;
}

/** What is open by $.eventsource, by label. */
const streams: Record<string, any> = {};

function texts(list: string | string[] | undefined): string[] {
  return [list ?? []].flat().flatMap((text) => text.split(',')).map((text) => text.trim()).filter(Boolean);
}

function asText(data: unknown): string {
  return typeof data === 'string' ? data : JSON.stringify(data);
}

$.fn.sse = function (settings: Settings = {}) {
  return this.each((_: number, element: Element) => {
    const self = $(element);
    const { address, channels, events, type, debug, ...options } = settings;
    const url = element.getAttribute('data-sse-address') || address;
    if (!url) return console.error('sse: the element has no data-sse-address', element);
    const named = listOf(element, 'data-sse-channels');
    const wanted = named.length ? named : texts(channels);
    if (!wanted.length) return console.error('sse: the element has no data-sse-channels', element);
    const client = clientOf(url, options);
    const types = [...listOf(element, 'data-sse-events'), ...texts(events)];
    const tell = (name: string, about: unknown) => {
      if (debug) console.log('sse.' + name, about);
      // A list is handed over item by item, as the old plugin did.
      self.trigger('sse.' + name, about);
    };
    client.on('open', (open) => tell('open', [open]));
    client.on('gap', (gap) => tell('gap', [gap]));
    client.on('error', (error) => tell('error', [error]));
    for (const channel of wanted)
      for (const each of types.length ? types : ['*'])
        client.on(channel, each, (event) => {
          const data = type === 'text' ? asText(event.data) : event.data;
          tell(event.type, Array.isArray(data) ? data : [data, event]);
        });
    client.subscribe(...wanted);
  });
};

/** What the query of an address for EventSource asks for. */
function optionsOf(address: string, data: unknown): Options {
  const query = data && typeof data === 'object' ? $.param(data, true) : data;
  const url = new URL(address, document.baseURI);
  if (query) url.search += (url.search ? '&' : '?') + query;
  const options: any = { channels: [] };
  for (const [name, value] of url.searchParams)
    if (/^channels(\[\])?$/.test(name)) options.channels.push(...texts(value));
    else options[name] = name === 'types' ? texts(value) : value;
  const [, path, channel] = /^(.*?)\/?(?:events(?:\/(.+))?)?$/.exec(url.pathname)!;
  if (channel) options.channels.push(decodeURIComponent(channel));
  return { ...options, url: url.origin + path };
}

function open(settings: any) {
  if (typeof settings.url !== 'string') throw new SyntaxError('$.eventsource needs a url');
  const { url, data, dataType, label = `${url}?${data}`, events = {}, ...rest } = settings;
  streams[label]?.stream.close();
  const stream: Client = new SluiceClient({ ...optionsOf(url, data), ...settings.options });
  const entry = (streams[label] = { stream, options: settings, lastEventId: undefined as string | undefined });
  const self = { label };
  stream.on('open', (about) => rest.open?.call(self, about));
  stream.on('error', (error) => rest.error?.call(self, error));
  stream.on('*', '*', (event: SluiceEvent) => {
    entry.lastEventId = stream.lastId;
    const body = dataType === 'json' ? event.data : asText(event.data);
    const call = event.type === 'message' ? rest.message : events[event.type];
    call?.call(self, body, { ...event, lastEventId: stream.lastId });
  });
  return streams;
}

$.eventsource = (what: any, label?: string) => ($.eventsource[what] ?? open)(typeof what === 'string' ? label : what);

$.eventsource.streams = (label?: string) => (label && label !== '*' ? streams[label] ?? {} : streams);

$.eventsource.close = (label?: string) => {
  for (const name of label && label !== '*' ? [label] : Object.keys(streams)) {
    streams[name]?.stream.close();
    delete streams[name];
  }
  return streams;
};

/** A client, for those who have no element: its options and methods are in docs/client.md. */
$.sse = (options: Options = {}): Client => new SluiceClient(options);
