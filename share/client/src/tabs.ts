import type { Open, Options, SluiceError, SluiceEvent, State, Sync } from '../sluice-client';
import type { Block, Hooks, Link } from './block';
import type { Connection } from './connection';

/** How long a new leader waits for tabs that are further than it is. */
const kHandoverMs = 200;
/** Beyond the silence that is a server's: the leader's tab may be slow. */
const kSilenceExtraMs = 5_000;
/** What tabs keep for those behind them. */
const kRecentMax = 256;

/** Where a tab stands: after `count` blocks of all leaders, with this id. */
interface Standing {
  count: number;
  id?: string;
  open?: Open;
  /** Of the last snapshot, once it is whole. */
  sync?: Sync;
}

interface Counted {
  count: number;
  block: Block;
}

/** What tabs say to each other. All hear all of it, in order. */
type Say = { from: string } & (
  | { say: 'join'; channels: string[]; isNew: boolean }      // and whenever they change
  | { say: 'leave' }
  | { say: 'hello'; count: number | undefined }              // a new leader: who is further?
  | { say: 'here'; to: string; standing: Standing; state: State; past?: Block[]; recent: Counted[] }
  | { say: 'lead'; count: number; state: State }             // from now on blocks are mine
  | ({ say: 'block' } & Counted)
  | { say: 'state'; state: State }
  | { say: 'error'; error: Omit<SluiceError, 'name'> }
  | { say: 'refuse'; channels: string[] });

/**
 * One connection of all tabs: the one that holds the lock, the leader, has it for the channels of
 * all, and passes every block on. Blocks are counted, over leaders too, so each tab knows that it
 * misses none; one that does, or hears nothing for too long, goes on behind its last block by a
 * connection of its own.
 */
export class Shared implements Link {
  /** Handed in, so that this file can come later than the client's. */
  readonly #connection: typeof Connection;
  readonly #options: Options;
  readonly #channels: () => string[];
  readonly #hooks: Hooks;
  readonly #seeds: () => SluiceEvent[];
  readonly #name: string;
  readonly #tab = Math.random().toString(36).slice(2);
  readonly #bus: BroadcastChannel;
  readonly #end = new AbortController();
  #own: Connection | undefined;
  #isShared = true;
  /** Whose blocks count; until a tab knows it, none do. */
  #leader: string | undefined;
  #isLeading = false;
  #standing: Standing | undefined;
  #state: State = 'connecting';
  #recent: Counted[] = [];
  #others = new Map<string, string[]>();
  #silence: ReturnType<typeof setTimeout> | undefined;

  /** `seeds`: what a snapshot that began now would have. */
  constructor(connection: typeof Connection, options: Options, channels: () => string[], hooks: Hooks,
              seeds: () => SluiceEvent[]) {
    this.#connection = connection;
    this.#options = options;
    this.#channels = channels;
    this.#hooks = hooks;
    this.#seeds = seeds;
    const { url = '', from, types, filter, tabs } = options;
    this.#name = 'sluice ' + JSON.stringify([String(url), from, types, filter, tabs]);
    this.#bus = new BroadcastChannel(this.#name);
    this.#bus.onmessage = ({ data }) => this.#heard(data);
    hooks.state('connecting');
    void this.#live();
  }

  get transport() {
    return this.#own?.transport ?? 'tab';
  }

  change() {
    this.#join();
    this.#own?.change();
  }

  close() {
    this.#leave();
    this.#own?.close();
  }

  // ---- its life ----

  async #live() {
    const { locks } = navigator;
    const { signal } = this.#end;
    const held = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    const hold = (name: string, then: () => void) =>
      locks.request(name, { signal }, () => (then(), held)).catch(() => {});
    // The first lock says that this tab lives, the second that it leads.
    await new Promise<void>((resolve) => void hold(this.#name + this.#tab, resolve));
    this.change();
    this.#listen(kHandoverMs + 2 * kSilenceExtraMs);
    void hold(this.#name, () => void this.#inherit());
  }

  async #isAlone() {
    const { held = [] } = await navigator.locks.query();
    return held.filter(({ name }) => name?.startsWith(this.#name)).length < 3;
  }

  /** It holds the lock. */
  async #inherit() {
    clearTimeout(this.#silence);
    this.#others.clear();
    this.#say({ say: 'hello', count: this.#standing?.count });
    if (!(await this.#isAlone())) await new Promise((resolve) => setTimeout(resolve, kHandoverMs));
    if (!this.#isShared) return;
    this.#isLeading = true;
    this.#leader = this.#tab;
    this.#standing ??= { count: 0 };
    this.#say({ say: 'lead', count: this.#standing.count, state: this.#state });
    for (const tab of this.#others.keys()) this.#watch(tab);
    const all = () => [...new Set([this.#channels(), ...this.#others.values()].flat())];
    this.#own = new this.#connection(this.#options, all, {
      block: (block) => this.#lead(block),
      state: (state) => this.#become(state, true),
      error: (error) => {
        const { status, code, message, final } = error;
        this.#say({ say: 'error', error: { status, code, message, final } });
        this.#hooks.error(error);
      },
      refuse: (channels) => {
        this.#say({ say: 'refuse', channels });
        this.#hooks.refuse(channels);
        for (const [tab, wanted] of this.#others)
          this.#others.set(tab, wanted.filter((channel) => !channels.includes(channel)));
      },
      ready: () => this.#hooks.ready(),
    }, this.#standing.id);
  }

  #lead(block: Block) {
    const count = this.#standing!.count + 1;
    this.#say({ say: 'block', count, block });
    this.#apply(count, block);
  }

  /** Goes on alone. */
  #part() {
    if (!this.#isShared || this.#own) return;
    this.#leave();
    this.#own = new this.#connection(this.#options, this.#channels, this.#hooks, this.#standing?.id);
  }

  #leave() {
    if (!this.#isShared) return;
    this.#say({ say: 'leave' });
    this.#isShared = false;
    clearTimeout(this.#silence);
    this.#bus.close();
    this.#end.abort();
  }

  #listen(ms: number) {
    clearTimeout(this.#silence);
    const due = Date.now() + ms;
    // Late by more than that: the machine slept, and the leader too.
    if (!this.#isLeading)
      this.#silence = setTimeout(
        () => (Date.now() > due + kSilenceExtraMs ? this.#listen(ms) : this.#part()), ms);
  }

  // ---- blocks ----

  #apply(count: number, block: Block) {
    const standing = this.#standing!;
    standing.count = count;
    if (block.type === 'sluice.open') {
      standing.open = block.body;
      if (block.body.snapshot) standing.id = standing.sync = undefined;
    }
    if (block.type === 'sluice.sync') standing.sync = block.body;
    if (block.id) standing.id = block.id;
    this.#recent.push({ count, block });
    if (this.#recent.length > kRecentMax) this.#recent.shift();
    this.#hooks.block(block);
    if (!this.#isLeading && this.#hooks.ready()) this.#part();
  }

  #become(state: State, tells = false) {
    this.#state = state;
    if (tells) this.#say({ say: 'state', state });
    this.#hooks.state(state);
    if (state === 'closed') this.#leave();
  }

  /** What a new tab needs to stand where this one does. */
  #past(): Block[] {
    const { from = 'live' } = this.#options;
    const { open, sync } = this.#standing!;
    const blocks: Block[] = [];
    const snapshot = from === 'snapshot';
    if (open) blocks.push({ type: 'sluice.open', body: { ...open, snapshot } });
    if (snapshot) {
      for (const event of this.#seeds()) blocks.push({ type: event.type, body: event });
      if (sync) blocks.push({ type: 'sluice.sync', body: sync });
    } else if (from !== 'live') {
      const events = this.#recent.filter(({ block }) => !block.type.startsWith('sluice.'));
      blocks.push(...events.slice(Number(from)).map(({ block }) => block));
    }
    return blocks;
  }

  // ---- talk ----

  #say(what: Say extends infer Each ? Each extends Say ? Omit<Each, 'from'> : never : never) {
    if (this.#isShared) this.#bus.postMessage({ from: this.#tab, ...what });
  }

  #join() {
    this.#say({ say: 'join', channels: this.#channels(), isNew: !this.#standing });
  }

  #heard(said: Say) {
    if (!this.#isShared) return;
    if (said.from === this.#leader) this.#listen(this.#silenceMs());
    switch (said.say) {
      case 'join':
        return this.#joined(said.from, said.channels, said.isNew);
      case 'leave':
        return this.#left(said.from);
      case 'hello':
        this.#join();
        return this.#answer(said.from, said.count);
      case 'here':
        return said.to === this.#tab ? this.#caughtUp(said) : undefined;
      case 'lead':
        return this.#follow(said.from, said.count, said.state);
      case 'block':
        return this.#follows(said.from, said.count, said.block);
    }
    if (said.from !== this.#leader) return;
    if (said.say === 'state') this.#become(said.state);
    else if (said.say === 'refuse') this.#hooks.refuse(said.channels);
    else this.#hooks.error(Object.assign(new Error(said.error.message), said.error));
  }

  #silenceMs() {
    return 2.5 * (this.#standing?.open?.keepaliveMs ?? 20_000) + kSilenceExtraMs;
  }

  #joined(tab: string, channels: string[], isNew: boolean) {
    const isKnown = this.#others.has(tab);
    this.#others.set(tab, channels);
    if (!this.#isLeading) return;
    if (!isKnown) this.#watch(tab);
    if (isNew) this.#answer(tab);
    this.#own?.change();
  }

  /** Its lock is free once it is gone. */
  #watch(tab: string) {
    navigator.locks.request(this.#name + tab, { signal: this.#end.signal }, () => this.#left(tab))
      .catch(() => {});
  }

  #left(tab: string) {
    if (this.#others.delete(tab) && this.#isLeading) this.#own?.change();
  }

  #answer(to: string, count?: number) {
    const standing = this.#standing;
    if (!standing || standing.count <= (count ?? -1)) return;
    const past = count === undefined ? this.#past() : undefined;
    const recent = this.#recent.filter((one) => one.count > (count ?? Infinity));
    this.#say({ say: 'here', to, standing, state: this.#state, past, recent });
  }

  #caughtUp({ from, standing, state, past, recent }: Say & { say: 'here' }) {
    if (this.#isLeading) return;
    if (past && !this.#standing) {
      this.#leader = from;
      this.#standing = standing;
      for (const block of past) this.#hooks.block(block);
      this.#hooks.block({ type: 'sluice.at', id: standing.id });
      this.#become(state);
    }
    for (const { count, block } of recent)
      if (count === (this.#standing?.count ?? 0) + 1) this.#apply(count, block);
  }

  #follow(leader: string, count: number, state: State) {
    if (!this.#standing) return this.#join();
    if (this.#standing.count !== count) return this.#part();
    this.#leader = leader;
    this.#become(state);
    this.#listen(this.#silenceMs());
  }

  #follows(from: string, count: number, block: Block) {
    if (from !== this.#leader || !this.#standing) return;
    if (count === this.#standing.count + 1) this.#apply(count, block);
    else if (count > this.#standing.count) this.#part();
  }
}
