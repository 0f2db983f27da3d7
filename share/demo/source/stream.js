// One stream of all channels over the browser's own EventSource.
const CONTROL = ['sluice.open', 'sluice.at', 'sluice.sync', 'sluice.gap'];

/** Calls back with what comes; goes on behind the last id after every cut. */
export class Stream {
  #url; #types; #on; #source = null; #timer = 0;
  lastId = '';

  /** on: { state(name), event(type, envelope), control(type, data) }. Names of states: connecting,
   *  live, cut (by cut()), refused (the server said no for good). */
  constructor(url, types, on) {
    this.#url = url;
    this.#types = types;
    this.#on = on;
  }

  connect() {
    clearTimeout(this.#timer);
    this.#source?.close();
    const url = new URL(this.#url, location.href);
    if (this.lastId) {
      url.searchParams.delete('from');
      url.searchParams.set('last_event_id', this.lastId);
    }
    this.#on.state('connecting');
    const source = this.#source = new EventSource(url);
    source.onopen = () => this.#on.state('live');
    source.onerror = () => this.#failed(source);
    for (const type of this.#types)
      source.addEventListener(type, (event) => {
        this.#passed(event);
        this.#on.event(type, JSON.parse(event.data));
      });
    for (const type of CONTROL)
      source.addEventListener(type, (event) => {
        this.#passed(event);
        this.#on.control(type, event.data ? JSON.parse(event.data) : null);
      });
  }

  /** Closes the connection, and comes back after so long. */
  cut(ms) {
    this.#source.close();
    clearTimeout(this.#timer);
    this.#on.state('cut');
    this.#timer = setTimeout(() => this.connect(), ms);
  }

  #passed(event) {
    if (event.lastEventId) this.lastId = event.lastEventId;
  }

  /** The browser connects again by itself unless the server's answer was no stream. */
  #failed(source) {
    if (source !== this.#source) return;
    if (source.readyState !== EventSource.CLOSED) return this.#on.state('connecting');
    this.#on.state('refused');
    this.#timer = setTimeout(() => this.connect(), 3000);
  }
}
