import { at, clock, isCalm, make, perFrame, write, count } from './dom.js';

const ROWS = 24; // more than are seen
const STATUS = ['NEW', 'PAID', 'SHIPPED', 'DELIVERED'];
const REGION = { eu: 'Europe', us: 'America', asia: 'Asia' };

/** Orders by key; the latest events as rows, and how many orders stand where. */
export class Shop {
  #orders = new Map(); // channel and key to status
  #refunds = 0;
  #rows = []; // that wait for a frame
  #draw = perFrame(() => this.#flush());

  clear() {
    this.#orders.clear();
    at('orders').replaceChildren();
  }

  order({ channel, key, data }, isLive) {
    this.#orders.set(`${channel} ${key}`, data.status);
    this.#add(channel, key, data.at, isLive, data.item, `€ ${data.total.toFixed(2)}`, data.status);
  }

  refund({ channel, key, time }, isLive) {
    if (isLive) ++this.#refunds;
    this.#orders.delete(`${channel} ${key}`);
    this.#add(channel, key, time, isLive, 'refunded and removed', '', 'REFUND');
  }

  #add(channel, key, time, isLive, item, total, status) {
    const region = channel.split('/')[1];
    this.#rows.push(make('tr', { className: isLive && !isCalm.matches ? 'new' : '' },
      make('td', { className: 'dim', textContent: clock(new Date(time)) }),
      make('td', { textContent: key }),
      make('td', { className: 'dim', textContent: REGION[region] ?? region }),
      make('td', { textContent: item }),
      make('td', { className: 'amount', textContent: total }),
      make('td', {}, make('span', { className: `chip ${status.toLowerCase()}`, textContent: status.toLowerCase() }))));
    if (this.#rows.length > ROWS) this.#rows.shift();
    this.#draw();
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
