import { at, clock, isCalm, make, perFrame, write, count } from './dom.js';

const ROWS = 24; // more than are seen
const STATUS = ['NEW', 'PAID', 'SHIPPED', 'DELIVERED'];
const REGION = { eu: 'Europe', us: 'America', asia: 'Asia' };

/** Orders by key; the latest events as rows, and how many orders stand where. */
export class Shop {
  #orders = new Map(); // channel and key to status
  #refunds = 0; #hasPicture = false;
  #rows = []; // that wait for a frame
  #draw = perFrame(() => this.#flush());

  /** All orders, but for those that are newer here. */
  picture(events, isNewer) {
    for (const name of this.#orders.keys()) if (!isNewer(...name.split(' '))) this.#orders.delete(name);
    for (const { channel, key, data } of events) this.#orders.set(`${channel} ${key}`, data.status);
    // Rows tell what happened; only the first picture has some, below what has come already.
    if (!this.#hasPicture) {
      const latest = [...events].sort((a, b) => b.data.at - a.data.at).slice(0, ROWS);
      at('orders').append(...latest.map((event) => this.#orderRow(event)));
    }
    this.#hasPicture = true;
    this.#draw();
  }

  order(event) {
    this.#orders.set(`${event.channel} ${event.key}`, event.data.status);
    this.#add(this.#orderRow(event));
  }

  refund({ channel, key, time }) {
    ++this.#refunds;
    this.#orders.delete(`${channel} ${key}`);
    this.#add(this.#row(channel, key, time, 'refunded', '', 'REFUND'));
  }

  #add(row) {
    if (!isCalm.matches) row.className = 'new';
    this.#rows.push(row);
    if (this.#rows.length > ROWS) this.#rows.shift();
    this.#draw();
  }

  #orderRow({ channel, key, data }) {
    return this.#row(channel, key, data.at, data.item, `€ ${data.total.toFixed(2)}`, data.status);
  }

  #row(channel, key, time, item, total, status) {
    const region = channel.split('/')[1];
    return make('tr', {},
      make('td', { className: 'dim', textContent: clock(new Date(time)) }),
      make('td', { textContent: key }),
      make('td', { className: 'dim', textContent: REGION[region] ?? region }),
      make('td', { textContent: item }),
      make('td', { className: 'amount', textContent: total }),
      make('td', {}, make('span', { className: `chip ${status.toLowerCase()}`, textContent: status.toLowerCase() })));
  }

  #flush() {
    at('orders').prepend(...this.#rows.reverse());
    this.#rows = [];
    while (at('orders').rows.length > ROWS) at('orders').deleteRow(-1);
    const counts = Object.fromEntries(STATUS.map((status) => [status, 0]));
    for (const status of this.#orders.values()) ++counts[status];
    for (const status of STATUS) write(at(`count-${status.toLowerCase()}`), count(counts[status]));
    write(at('count-refund'), count(this.#refunds));
  }
}
