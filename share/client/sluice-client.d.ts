/** What sluice-client offers. Channels may be patterns: `orders/{region}`, `sensors/{rest**}`. */

/** An event of a channel. */
export interface SluiceEvent<Data = any> {
  /** The channel it came on; of several channels of one connection the first by name. */
  channel: string;
  /** The event type; `message` where the mapping names none. */
  type: string;
  /** What it is about; empty where the mapping has no key. */
  key: string;
  /** When Sluice took it, in milliseconds since 1970. */
  time: number;
  /** Parsed, where it is JSON; else the text. */
  data: Data;
  /** Where a connection goes on behind it. Events of a snapshot have none. */
  id?: string;
}

/** What can not be had any more; the reasons are in docs/readers.md. */
export interface Gap {
  reason: string;
  channel?: string;
  input?: string;
  /** Which positions of which sequences of the source; null: all. */
  lanes: { lane: string; from: string | null; to: string | null }[] | null;
  /** How many events at most; null: nobody knows. */
  atMost: number | null;
  /** Some events may come again. */
  mayRepeat: boolean;
}

/** A connection stands. */
export interface Open {
  /** The longest silence of a connection that lives. */
  keepaliveMs: number;
  /** Inputs that another node can not resume exactly. */
  noResume: string[];
  /** A snapshot follows, up to `sync`: forget what you have. */
  snapshot?: boolean;
  /** Channels that leave events out for slow readers, and how. */
  slow?: Record<string, 'skip' | 'conflate'>;
}

/** A snapshot is whole. */
export interface Sync {
  channels: string[];
  /** Channels that keep no snapshot. */
  without: string[];
  count: number;
  /** false: keys were dropped at a bound of the server, or the snapshot had to be made of history. */
  complete: boolean;
}

/**
 * - `idle`: no channel is wanted
 * - `connecting`: asking
 * - `catching-up`: connected, and reading what it missed or asked for of the past
 * - `live`: connected, and everything that was there has come
 * - `offline`: there is no connection; the next try comes by itself
 * - `closed`: for good
 */
export type State = 'idle' | 'connecting' | 'catching-up' | 'live' | 'offline' | 'closed';

/** Why a request failed. */
export interface SluiceError extends Error {
  /** The HTTP status; 0 where there was no answer. */
  status: number;
  /** As the server names it, such as `bad-filter`; empty where it did not. */
  code: string;
  /** The client is closed by it. */
  final: boolean;
}

export interface Options {
  /** Where Sluice is; `/events`, `/poll` and `/streams` are below. Default: the page's own origin. */
  url?: string | URL;
  /** What to read from the beginning on. More come by `subscribe`. */
  channels?: string | string[];
  /**
   * Where to begin: `live` (the default), `earliest`, `-10` (ten events back) or `snapshot` (the
   * latest event of each key). After a break a client goes on behind its last event.
   */
  from?: string;
  /** Or a time: RFC 3339, milliseconds since 1970, or a time ago such as `-15min`. */
  since?: string | number;
  /** Only events of these types. */
  types?: string[];
  /** Only events that this expression takes. */
  filter?: string;
  /** Gives the token for `Authorization: Bearer`; asked again, once, when it is refused. */
  auth?: () => string | null | undefined | Promise<string | null | undefined>;
  /** More header fields of every request. */
  headers?: Record<string, string>;
  credentials?: 'omit' | 'same-origin' | 'include';
  /** In place of the global one. */
  fetch?: typeof fetch;
  /** Closes the client. */
  signal?: AbortSignal;
  /** Called after a gap, to load the page's state afresh. With `from: 'snapshot'` it is loaded anyway. */
  snapshot?: (gaps: Gap[]) => void | Promise<void>;
  /**
   * Share one connection among the tabs of this browser that give the same url, options and, here,
   * name, such as the user's: `tabs: 'user-17'`. Where it can not be, each tab has its own.
   */
  tabs?: boolean | string;
  /** Event types that remove their key from stores. Default: `['delete']`. */
  deletes?: string[];
}

/** Takes back what the call that returned it did. May be called twice. */
export type Undo = () => void;

/** The latest event of each key of some channels. */
export interface Store<Data = any> extends Iterable<SluiceEvent<Data>> {
  /** `channel` may be left out where the store has one. */
  get(key: string, channel?: string): SluiceEvent<Data> | undefined;
  /** Oldest first. The same array until something changes. */
  values(): readonly SluiceEvent<Data>[];
  readonly size: number;
  /** A snapshot has come whole; without `from: 'snapshot'` it stays false. */
  readonly synced: boolean;
  /** `complete` of that snapshot. */
  readonly complete: boolean;
  /** `changed` is called once for all changes that come together. */
  subscribe(changed: () => void): Undo;
  close(): void;
}

export interface Client<Types extends Record<string, any> = Record<string, any>>
  extends AsyncIterable<SluiceEvent> {
  /** Events of a type (`*`: of each) on a channel, a pattern of channels, or on each (`*`). */
  on<Type extends string>(
    channel: string, type: Type,
    listener: (event: SluiceEvent<Type extends keyof Types ? Types[Type] : any>) => void): Undo;
  on(what: 'open', listener: (open: Open) => void): Undo;
  on(what: 'gap', listener: (gap: Gap) => void): Undo;
  on(what: 'sync', listener: (sync: Sync) => void): Undo;
  on(what: 'state', listener: (state: State) => void): Undo;
  on(what: 'error', listener: (error: SluiceError) => void): Undo;
  /** Reads more channels, on the same connection. Counted: the last one to leave ends it. */
  subscribe(...channels: string[]): Undo;
  unsubscribe(...channels: string[]): void;
  readonly channels: readonly string[];
  readonly state: State;
  /** Where the next connection goes on. */
  readonly lastId: string | undefined;
  /** How it reads: its own stream, one answer at a time, or through another tab. */
  readonly transport: 'stream' | 'poll' | 'tab';
  store<Data = any>(channel?: string): Store<Data>;
  close(): void;
  /**
   * Every event, and gaps in their place, as events of the type `sluice.gap`. One that is read
   * slowly makes the client read slowly. Ends when the client is closed, by throwing its last error
   * where it was one.
   */
  [Symbol.asyncIterator](): AsyncIterator<SluiceEvent>;
}

/** Connects as soon as the code that called has run, so that listeners miss nothing. */
export function connect<Types extends Record<string, any> = Record<string, any>>(
  options?: Options): Client<Types>;

/** Whether a channel belongs to a pattern; `*` takes all. */
export function matcher(pattern: string): (channel: string) => boolean;

/**
 * Binds elements that have `data-sse-address`, below `root` or `root` itself, each once; docs/client.md
 * tells the attributes. Elements with the same address share a client.
 */
export function bind(root?: { querySelectorAll(selectors: string): any }, options?: Options): void;
