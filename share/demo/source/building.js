import { at, make, perFrame, write } from './dom.js';

const SENSORS = 144, RACKS = 12;
const MILD = 21.5, REACH = 5, ALARM = 38; // degrees

/** A cell for each sensor, coloured by its latest value. */
export class Building {
  #cells = []; #celsius = new Array(SENSORS).fill(null); #online = new Array(SENSORS).fill(true);
  #changed = new Set();
  #draw = perFrame(() => this.#flush());

  constructor() {
    for (let i = 0; i < SENSORS; ++i) this.#cells.push(make('i', { className: 'unknown' }));
    at('sensors').replaceChildren(...this.#cells);
  }

  reading({ data }) {
    const index = Number(/\d+$/.exec(data.sensor)?.[0]);
    if (!(index < SENSORS)) return;
    this.#online[index] = data.online !== false;
    if (typeof data.celsius === 'number') this.#celsius[index] = data.celsius;
    this.#changed.add(index);
    this.#draw();
  }

  #flush() {
    for (const index of this.#changed) this.#paint(index);
    this.#changed.clear();
    const known = this.#celsius.map((celsius, i) => [celsius, i]).filter(([celsius]) => celsius !== null);
    if (known.length === 0) return write(at('building-says'), 'waiting for the first values');
    const hottest = known.reduce((a, b) => b[0] > a[0] ? b : a);
    const silent = this.#online.flatMap((online, i) => online ? [] : [i]);
    write(at('building-says'), `${known.length} sensors · hottest ${nameOf(hottest[1])} at ${
      hottest[0].toFixed(1)} °C · ${silent.length ? `${silent.map(nameOf).join(', ')} went silent` : 'all answer'}`);
  }

  #paint(index) {
    const cell = this.#cells[index], celsius = this.#celsius[index];
    cell.className = !this.#online[index] ? 'silent' : celsius === null ? 'unknown' :
      celsius >= ALARM ? 'alarm' : celsius < MILD ? 'cool' : '';
    const share = Math.min(1, Math.abs((celsius ?? MILD) - MILD) / REACH);
    cell.style.setProperty('--heat', `${Math.round(share * 100)}%`);
    cell.textContent = !this.#online[index] ? '×' : celsius === null ? '' : Math.round(celsius);
    cell.title = `${nameOf(index)}: ${!this.#online[index] ? 'silent' : celsius === null ? 'no value yet' : `${celsius} °C`}`;
  }
}

function nameOf(index) {
  return `rack ${Math.floor(index / RACKS) + 1} sensor ${index % RACKS + 1}`;
}
