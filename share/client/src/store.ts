import type { Open, SluiceEvent, Store, Sync, Undo } from '../sluice-client';

/** The latest event of each key of the channels that `matches` takes; changed by its client. */
export class Latest implements Store {
  readonly #channel: string;
  readonly #matches: (channel: string) => boolean;
  readonly #deletes: string[];
  readonly #closed: (store: Latest) => void;
  readonly #subscribers = new Set<() => void>();
  #rows = new Map<string, SluiceEvent>();
  /** A snapshot that takes the place of what there is once it is whole. */
  #next: Map<string, SluiceEvent> | undefined;
  #values: SluiceEvent[] | undefined;
  #isTelling = false;
  synced = false;
  complete = false;

  constructor(channel: string, matches: (channel: string) => boolean, deletes: string[],
              closed: (store: Latest) => void) {
    this.#channel = channel;
    this.#matches = matches;
    this.#deletes = deletes;
    this.#closed = closed;
  }

  /** What has come, also of a snapshot that is not whole. */
  newest(): SluiceEvent[] {
    return [...(this.#next ?? this.#rows).values()];
  }

  /** Takes over what another one has. */
  copy(other: Latest) {
    for (const event of other.newest()) this.event(event);
    this.synced = other.synced;
    this.complete = other.complete;
  }

  open({ snapshot }: Open) {
    if (!snapshot) return;
    this.#next = new Map();
    if (!this.#rows.size) this.#rows = this.#next;
  }

  sync({ complete }: Sync) {
    this.#rows = this.#next ?? this.#rows;
    this.#next = undefined;
    this.synced = true;
    this.complete = complete;
    this.#changed();
  }

  event(event: SluiceEvent) {
    if (!this.#matches(event.channel)) return;
    const rows = this.#next ?? this.#rows;
    const name = `${event.channel}\n${event.key}`;
    rows.delete(name);  // the latest stands last
    if (!this.#deletes.includes(event.type)) rows.set(name, event);
    if (rows === this.#rows) this.#changed();
  }

  #changed() {
    this.#values = undefined;
    if (this.#isTelling) return;
    this.#isTelling = true;
    queueMicrotask(() => {
      this.#isTelling = false;
      for (const tell of [...this.#subscribers]) tell();
    });
  }

  get(key: string, channel = this.#channel) {
    return this.#rows.get(`${channel}\n${key}`);
  }

  values() {
    return (this.#values ??= [...this.#rows.values()]);
  }

  get size() {
    return this.#rows.size;
  }

  subscribe(changed: () => void): Undo {
    const own = () => changed();
    this.#subscribers.add(own);
    return () => this.#subscribers.delete(own);
  }

  close() {
    this.#closed(this);
  }

  [Symbol.iterator]() {
    return this.values()[Symbol.iterator]();
  }
}
