import type {
  Client, Gap, Options, SluiceError, SluiceEvent, State, Store, Undo,
} from '../sluice-client';
import { type Block, type Hooks, type Link } from './block';
import { Connection } from './connection';
import { matcher } from './pattern';
import { Latest } from './store';

/** Events that an iterator may be behind before the connection waits for it. */
const kQueueMax = 1_000;

interface Listener {
  /** Of events; without it what is told is about the connection. */
  matches?: (channel: string) => boolean;
  type: string;
  call: (what: any) => void;
}

interface Queue {
  events: SluiceEvent[];
  wake: () => void;
}

/** Whether tabs can share what is asked for: the past beyond what they keep is not to be had. */
function canShare({ tabs, from = 'live', since }: Options): boolean {
  return !!tabs && since === undefined && /^(live|snapshot|-\d+)$/.test(from) &&
    !!globalThis.navigator?.locks && !!globalThis.BroadcastChannel;
}

/** What a listener throws is no matter of the connection's: it shows as if nobody had called. */
function guarded(call: (what: any) => void, what: any) {
  try {
    call(what);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}

/** What `connect` gives: hands blocks out to listeners, stores and iterators. */
export class SluiceClient implements Client {
  readonly #options: Options;
  /** How often each channel is wanted. */
  readonly #wanted = new Map<string, number>();
  #matchers: ((channel: string) => boolean)[] | undefined;
  #link: Link | undefined;
  #listeners: Listener[] = [];
  readonly #stores = new Set<Latest>();
  /** Everything, for stores and tabs that come later. */
  #all: Latest | undefined;
  readonly #queues = new Set<Queue>();
  #drained: (() => void) | undefined;
  #error: SluiceError | undefined;
  state: State = 'idle';
  lastId: string | undefined;

  constructor(options: Options) {
    this.#options = options;
    this.subscribe(...[options.channels ?? []].flat());
    if (options.from === 'snapshot') this.#keepAll();
    options.signal?.addEventListener('abort', () => this.close());
    queueMicrotask(() => void this.#start());
  }

  async #start() {
    if (this.#options.signal?.aborted) this.close();
    // A file of its own, for those who share; where it is missing nothing is shared.
    const tabs = canShare(this.#options) && (await import('./tabs').catch(() => undefined));
    if (this.state === 'closed') return;
    const hooks: Hooks = {
      block: (block) => this.#block(block),
      state: (state) => this.#become(state),
      error: (error) => this.#failed(error),
      refuse: (channels) => this.#refuse(channels),
      ready: () => this.#ready(),
    };
    const channels = () => this.channels;
    this.#link = tabs
      ? new tabs.Shared(Connection, this.#options, channels, hooks, () => this.#all?.newest() ?? [])
      : new Connection(this.#options, channels, hooks);
  }

  // ---- what the link tells ----

  #block({ type, body, id }: Block) {
    if (id) this.lastId = id;
    if (type === 'sluice.open') {
      if (body.snapshot) this.lastId = undefined;
      for (const store of this.#stores) store.open(body);
      this.#tell('open', body);
    } else if (type === 'sluice.sync') {
      for (const store of this.#stores) store.sync(body);
      this.#tell('sync', body);
    } else if (type === 'sluice.gap') {
      this.#gaps([body].flat(), id);
    } else if (!type.startsWith('sluice.')) {
      const { channel, key, time } = body;
      this.#event({ channel, type, key, time, data: 'text' in body ? body.text : body.data, id });
    }
  }

  #event(event: SluiceEvent) {
    const { channel, type } = event;
    this.#matchers ??= this.channels.map(matcher);
    // Channels that were left, and those of other tabs.
    if (!this.#matchers.some((matches) => matches(channel))) return;
    for (const store of this.#stores) store.event(event);
    for (const one of this.#listeners)
      if (one.matches?.(channel) && (one.type === '*' || one.type === type)) guarded(one.call, event);
    this.#queue(event);
  }

  #gaps(gaps: Gap[], id?: string) {
    for (const gap of gaps) {
      this.#tell('gap', gap);
      this.#queue({
        channel: gap.channel ?? '', type: 'sluice.gap', key: '', time: Date.now(), data: gap, id });
    }
    if (this.#options.snapshot) guarded(this.#options.snapshot, gaps);
  }

  #tell(what: string, about: any) {
    for (const one of this.#listeners)
      if (!one.matches && one.type === what) guarded(one.call, about);
  }

  #become(state: State) {
    if (state === this.state || this.state === 'closed') return;
    this.state = state;
    this.#tell('state', state);
    if (state === 'closed') for (const queue of this.#queues) queue.wake();
  }

  #failed(error: SluiceError) {
    if (error.final) this.#error = error;
    this.#tell('error', error);
  }

  // ---- for those who use it ----

  on(first: string, second: any, third?: any): Undo {
    const one: Listener = third
      ? { matches: matcher(first), type: second, call: third } : { type: first, call: second };
    // Made anew, so that one that is told may come and go.
    this.#listeners = [...this.#listeners, one];
    return () => {
      this.#listeners = this.#listeners.filter((other) => other !== one);
    };
  }

  get channels() {
    return [...this.#wanted.keys()];
  }

  get transport() {
    return this.#link?.transport ?? 'stream';
  }

  subscribe(...channels: string[]): Undo {
    for (const channel of channels) this.#want(channel, 1);
    return () => this.unsubscribe(...channels.splice(0));
  }

  unsubscribe(...channels: string[]) {
    for (const channel of channels) this.#want(channel, -1);
  }

  #want(channel: string, more: number) {
    const count = (this.#wanted.get(channel) ?? 0) + more;
    if (count > 0) this.#wanted.set(channel, count);
    else this.#wanted.delete(channel);
    this.#matchers = undefined;
    this.#link?.change();
  }

  #refuse(channels: string[]) {
    for (const channel of channels) this.#want(channel, -Infinity);
  }

  store(channel = '*'): Store {
    const store = this.#newStore(channel);
    store.copy(this.#keepAll());
    return store;
  }

  #keepAll() {
    return (this.#all ??= this.#newStore('*'));
  }

  #newStore(channel: string) {
    const { deletes = ['delete'] } = this.#options;
    const store = new Latest(channel, matcher(channel), deletes, (old) => this.#stores.delete(old));
    this.#stores.add(store);
    return store;
  }

  close() {
    this.#link?.close();
    this.#become('closed');
  }

  // ---- iterators ----

  #queue(event: SluiceEvent) {
    for (const queue of this.#queues) {
      queue.events.push(event);
      queue.wake();
    }
  }

  #ready(): Promise<void> | undefined {
    const isFull = [...this.#queues].some((queue) => queue.events.length > kQueueMax);
    if (!isFull || this.state === 'closed') return undefined;
    return new Promise<void>((resolve) => (this.#drained = resolve)).then(() => this.#ready());
  }

  [Symbol.asyncIterator]() {
    const queue: Queue = { events: [], wake: () => {} };
    this.#queues.add(queue);
    return this.#read(queue);
  }

  async *#read(queue: Queue): AsyncGenerator<SluiceEvent> {
    try {
      for (;;) {
        for (let event; (event = queue.events.shift());) {
          if (queue.events.length <= kQueueMax) this.#drained?.();
          yield event;
        }
        if (this.state === 'closed') break;
        await new Promise<void>((resolve) => (queue.wake = resolve));
      }
      if (this.#error) throw this.#error;
    } finally {
      this.#queues.delete(queue);
      this.#drained?.();
    }
  }
}
