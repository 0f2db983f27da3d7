import { createParser } from 'eventsource-parser';
import type { Open, Options } from '../sluice-client';
import { type Block, type Hooks, type Link, errorOf } from './block';

/** From the request to the first byte of `sluice.open`; beyond it a proxy is taken to buffer. */
const kFirstByteMs = 5_000;
/** Of GET /poll, whose answer takes 25 s where nothing happens. */
const kPollMs = 60_000;
/** After so long of polling streams are tried again: the network may be another one. */
const kPollingMs = 300_000;
const kBackOffMaxMs = 30_000;
const kRefusedMs = 500;
const kRetryAfterMaxMs = 3_600_000;
/** A connection that lived for so long was a good one. */
const kGoodMs = 10_000;
const kChangeMs = 50;
const kChangeAgainMs = 1_000;
/** Silence after which a stream that reads the past has come to its end. */
const kCalmMs = 500;

/** Why a request was ended from here. */
type Reason = 'again' | 'gap' | 'silent' | 'closed';

function retryAfterMs(response: Response): number {
  const text = response.headers.get('retry-after') ?? '';
  const seconds = Number(text);
  const ms = Number.isNaN(seconds) ? Date.parse(text) - Date.now() : seconds * 1_000;
  return Math.min(Math.max(ms || 0, 0), kRetryAfterMaxMs);
}

/** What an answer says of itself. */
async function errorIn(response: Response, isFinal: boolean) {
  const { status } = response;
  const { code = '', message = `the server answered ${status}` } =
    (await response.json().catch(() => ({})))?.error ?? {};
  return errorOf(status, code, message, isFinal);
}

function missing(from: string[], channels: string[]): string[] {
  return channels.filter((channel) => !from.includes(channel));
}

/**
 * One reader of a server: it connects, reads, and connects again behind its last id, until it is
 * closed or refused for good. An id counts when its whole block has come.
 */
export class Connection implements Link {
  readonly #options: Options;
  readonly #base: string;
  readonly #channels: () => string[];
  readonly #hooks: Hooks;
  readonly #end = new AbortController();
  #id: string | undefined;
  #retryMs = 2_000;
  #keepaliveMs = 20_000;
  #failures = 0;
  // Of the request under way.
  #request: AbortController | undefined;
  #inForce: string[] = [];
  #stream: string | undefined;
  #gotByte = false;
  /** Twice, and no ping between: a proxy passes how streams begin, and keeps the rest. */
  #wasSilent = false;
  #goodAt = Infinity;
  #watch: ReturnType<typeof setTimeout> | undefined;
  #deadAt = 0;
  #isBehind = false;
  #askedAt = 0;
  #calm: ReturnType<typeof setTimeout> | undefined;
  // Polling
  #pollsUntil = 0;
  #hasOpened = false;
  // Waiting
  #wake: (() => void) | undefined;
  // Authorization
  #token: string | null | undefined;
  #hasAskedAgain = false;
  // Changes of channels
  #changeTimer: ReturnType<typeof setTimeout> | undefined;
  #isChanging = false;
  /** Of one change: one, where one of several was refused. */
  #addMax = Infinity;

  constructor(options: Options, channels: () => string[], hooks: Hooks, id?: string) {
    this.#options = options;
    this.#base = String(options.url ?? '').replace(/\/+$/, '');
    this.#channels = channels;
    this.#hooks = hooks;
    this.#id = id;
    const { signal } = this.#end;
    globalThis.addEventListener?.('online', () => this.#online(), { signal });
    globalThis.document?.addEventListener('visibilitychange', () => this.#shown(), { signal });
    void this.#run();
  }

  get transport() {
    return this.#polls ? 'poll' : 'stream';
  }

  get #polls() {
    return this.#pollsUntil > Date.now();
  }

  close() {
    this.#end.abort();
    clearTimeout(this.#changeTimer);
    this.#abort('closed');
    this.#wake?.();
  }

  change(afterMs = kChangeMs) {
    clearTimeout(this.#changeTimer);
    this.#changeTimer = setTimeout(() => void this.#apply(), afterMs);
  }

  // ---- one request after the other ----

  async #run() {
    while (!this.#end.signal.aborted) {
      this.#inForce = this.#channels();
      if (!this.#inForce.length) {
        this.#id = undefined;
        this.#hooks.state('idle');
        await this.#wait();
        continue;
      }
      // One poll after the other is one connection.
      if (!this.#polls || !this.#hasOpened) this.#hooks.state('connecting');
      const waitMs = await this.#attempt();
      if (this.#end.signal.aborted) return;
      if (Date.now() - this.#goodAt > kGoodMs) this.#failures = 0;
      const ms = waitMs ?? this.#backOffMs();
      if (ms > 0) {
        this.#hooks.state('offline');
        await this.#wait(ms);
      }
    }
  }

  #backOffMs() {
    // A server that is not there is not asked in a circle, whatever it said when it was.
    const base = this.#goodAt < Infinity ? this.#retryMs : Math.max(this.#retryMs, kRefusedMs);
    return Math.random() * Math.min(Math.max(kBackOffMaxMs, base), base * 2 ** this.#failures++);
  }

  #wait(ms?: number) {
    return new Promise<void>((resolve) => {
      const timer = ms === undefined ? undefined : setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    }).finally(() => (this.#wake = undefined));
  }

  /** How long to wait for the next one; undefined: as long as failures ask for. */
  async #attempt(): Promise<number | undefined> {
    const request = (this.#request = new AbortController());
    this.#gotByte = false;
    this.#goodAt = Infinity;
    try {
      return await (this.#polls ? this.#poll(request.signal) : this.#read(request.signal));
    } catch (error) {
      return this.#failed(request.signal, error as Error);
    } finally {
      clearTimeout(this.#watch);
      clearTimeout(this.#calm);
      request.abort();
      this.#request = this.#stream = undefined;
    }
  }

  #failed(signal: AbortSignal, error: Error): number | undefined {
    const { reason } = signal;
    if (reason === 'closed' || reason === 'again') return 0;
    if (reason === 'gap') return undefined;
    const isStream = !this.#polls;
    this.#pollsUntil = 0;
    const isSilent = reason === 'silent';
    if (isSilent && isStream && (!this.#gotByte || this.#wasSilent)) {
      this.#pollsUntil = Date.now() + kPollingMs;
      this.#hasOpened = false;
      return 0;
    }
    this.#wasSilent = isSilent;
    const message = isSilent ? 'silent for too long' : error.message;
    this.#hooks.error(errorOf(0, '', message, false));
    return undefined;
  }

  #abort(reason: Reason) {
    this.#request?.abort(reason);
  }

  // ---- what the browser tells ----

  /** There was no network: whatever is open goes nowhere. */
  #online() {
    this.#abort('again');
    this.#wake?.();
  }

  /** Timers stood still while the machine slept. */
  #shown() {
    if (document.visibilityState !== 'visible') return;
    if (Date.now() > this.#deadAt) this.#abort('again');
    this.#wake?.();
  }

  #watchFor(ms: number) {
    clearTimeout(this.#watch);
    this.#deadAt = Date.now() + ms;
    this.#watch = setTimeout(() => this.#abort('silent'), ms);
  }

  // ---- requests ----

  async #fetch(path: string, signal: AbortSignal, init: RequestInit = {}): Promise<Response> {
    const { auth, credentials, headers } = this.#options;
    if (auth && !this.#token) this.#token = await auth();
    const all: Record<string, string> = { ...headers };
    if (this.#token) all.Authorization = `Bearer ${this.#token}`;
    if (!init.method) {
      this.#watchFor(this.#polls ? kPollMs : kFirstByteMs);
      if (this.#id) all['Last-Event-ID'] = this.#id;
      all.Accept = path[1] === 'p' ? 'application/json' : 'text/event-stream';
    }
    const send = this.#options.fetch ?? fetch;
    return send(this.#base + path, { cache: 'no-store', credentials, headers: all, signal, ...init });
  }

  #query(): string {
    const { types, filter, since } = this.#options;
    let { from } = this.#options;
    // A poll can not begin with a snapshot: history is what there is.
    if (from === 'snapshot' && this.#polls) from = 'earliest';
    const query: Record<string, string> = { channels: this.#inForce.join(), envelope: 'json' };
    if (types?.length) query.types = types.join();
    if (filter) query.filter = filter;
    if (!this.#id && from) query.from = from;
    if (!this.#id && since !== undefined) query.since = `${since}`;
    return '?' + new URLSearchParams(query);
  }

  /** What an answer means that is not what was asked for; as for #attempt. */
  async #refused(response: Response): Promise<number> {
    const { status } = response;
    if (status === 401 && this.#options.auth && !this.#hasAskedAgain) {
      this.#hasAskedAgain = true;
      this.#token = undefined;
      return 0;
    }
    const isFinal = status !== 200 && status < 500 && status !== 408 && status !== 429;
    if (status !== 204) this.#hooks.error(await errorIn(response, isFinal));
    if (isFinal) {
      this.close();
      this.#hooks.state('closed');
    }
    this.#pollsUntil = 0;
    return retryAfterMs(response) + this.#backOffMs();
  }

  // ---- a stream ----

  async #read(signal: AbortSignal): Promise<number | undefined> {
    this.#askedAt = Date.now();
    const response = await this.#fetch('/events' + this.#query(), signal);
    const type = response.headers.get('content-type') ?? '';
    if (response.status !== 200 || !type.startsWith('text/event-stream') || !response.body)
      return this.#refused(response);
    this.#askedAt = Date.parse(response.headers.get('date') ?? '') || this.#askedAt;
    const parser = createParser({
      onEvent: ({ event = 'message', data, id }) => {
        // What stands behind a block that ended the connection comes again.
        if (!signal.aborted) this.#take({ type: event, body: data ? JSON.parse(data) : undefined, id });
      },
      onRetry: (ms) => (this.#retryMs = ms),
    });
    const reader = response.body.getReader();
    const decoder = new TextDecoder();
    for (let chunk; !(chunk = await reader.read()).done;) {
      this.#gotByte = true;
      if (this.#isBehind) this.#awaitCalm();
      parser.feed(decoder.decode(chunk.value, { stream: true }));
      clearTimeout(this.#watch);
      await this.#hooks.ready();
      this.#watchFor(2.5 * this.#keepaliveMs);
    }
    return signal.aborted ? this.#failed(signal, Error()) : undefined;
  }

  #take(block: Block) {
    const { type, body, id } = block;
    if (type === 'sluice.open') this.#opened(body);
    if (type === 'sluice.auth') void this.#renew();
    if (type === 'sluice.at') this.#wasSilent = false;
    if (id) this.#id = id;
    this.#hooks.block(block);
    if (type === 'sluice.gap' && this.#options.from === 'snapshot') {
      this.#id = undefined;
      this.#abort('gap');
    }
    const isThere = type === 'sluice.sync' || (this.#options.from !== 'snapshot' || this.#id) &&
      (type === 'sluice.at' || body?.time >= this.#askedAt);
    if (isThere) this.#caughtUp();
  }

  /** The token ends soon. Without a fresh one the stream ends with it, and the next asks for one. */
  async #renew() {
    this.#token = undefined;
    const { signal } = this.#request!;
    await this.#fetch(`/streams/${this.#stream}/auth`, signal, { method: 'POST' }).catch(() => {});
  }

  #opened(open: Open & { stream?: string }) {
    const { from, since } = this.#options;
    this.#stream = open.stream;
    this.#keepaliveMs = open.keepaliveMs;
    this.#goodAt = Date.now();
    this.#hasAskedAgain = false;
    this.#isBehind = !!(this.#id || (from && from !== 'live') || since !== undefined);
    this.#hooks.state(this.#isBehind ? 'catching-up' : 'live');
    if (this.#isBehind) this.#awaitCalm();
    this.change();
  }

  #awaitCalm() {
    clearTimeout(this.#calm);
    // Before the end of a snapshot there is no id.
    this.#calm = setTimeout(() => {
      if (this.#id || this.#options.from !== 'snapshot') this.#caughtUp();
    }, kCalmMs);
  }

  #caughtUp() {
    clearTimeout(this.#calm);
    if (this.#isBehind) this.#hooks.state('live');
    this.#isBehind = false;
  }

  // ---- one answer at a time ----

  async #poll(signal: AbortSignal): Promise<number | undefined> {
    const isFirst = !this.#id;
    const response = await this.#fetch('/poll' + this.#query(), signal);
    if (response.status !== 200) return this.#refused(response);
    this.#hasAskedAgain = false;
    const { events, gaps, id } = await response.json();
    const blocks: Block[] = events.map((event: any) => ({ type: event.event, body: event, id: event.id }));
    if (gaps.length) blocks.unshift({ type: 'sluice.gap', body: gaps });
    const isSnapshot = isFirst && this.#options.from === 'snapshot';
    if (!this.#hasOpened || isSnapshot)
      blocks.unshift({ type: 'sluice.open', body: {
        keepaliveMs: this.#keepaliveMs, noResume: [], snapshot: isSnapshot } });
    this.#hasOpened = true;
    if (isSnapshot)
      blocks.push({ type: 'sluice.sync', body: {
        channels: [], without: this.#inForce, count: events.length, complete: false } });
    blocks.push({ type: 'sluice.at', id });
    for (const block of blocks) if (!signal.aborted) this.#take(block);
    this.#failures = 0;
    await this.#hooks.ready();
    return signal.aborted ? this.#failed(signal, Error()) : 0;
  }

  // ---- other channels ----

  async #apply() {
    const wanted = this.#channels();
    this.#wakeIdle(wanted);
    const add = missing(this.#inForce, wanted).slice(0, this.#addMax);
    const remove = missing(wanted, this.#inForce);
    if (this.#isChanging || !this.#request || !(add.length || remove.length)) return;
    const isAfresh = !wanted.length || (add.length && this.#options.from === 'snapshot');
    if (isAfresh) this.#id = undefined;
    if (isAfresh || this.#polls) return this.#abort('again');
    if (!this.#stream) return;  // once it is open this is called again
    this.#isChanging = true;
    const { signal } = this.#request;
    const againMs = await this.#patch(add, remove, signal).catch(() => kChangeAgainMs);
    this.#isChanging = false;
    if (signal.aborted) return;
    if (againMs === 0) this.#inForce = missing(remove, this.#inForce).concat(add);
    this.change(againMs);
  }

  #wakeIdle(wanted: string[]) {
    if (wanted.length && !this.#inForce.length) this.#wake?.();
  }

  /** 0: the change is in force; else when to try again. */
  async #patch(add: string[], remove: string[], signal: AbortSignal): Promise<number> {
    const response = await this.#fetch(`/streams/${this.#stream}`, signal, {
      method: 'PATCH', body: JSON.stringify({ add, remove }) });
    const { status } = response;
    if (status === 200) return 0;
    const isBusy = status >= 500 || status === 409 || status === 429;
    // It may be on another node, which takes the channels with the next request.
    if (status === 404 || status === 401 || (!isBusy && !add.length)) {
      this.#abort('again');
    } else if (!isBusy) {
      // Which of them it was is found one by one.
      if (add[1]) return (this.#addMax = 1);
      this.#addMax = Infinity;
      this.#hooks.refuse(add);
      this.#hooks.error(await errorIn(response, false));
    }
    return kChangeAgainMs;
  }
}
