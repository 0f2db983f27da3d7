import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { at, CALM_MS, isCalm, make, withColours, write } from './dom.js';

const SECONDS = 60, STEP_MS = 100;

/** The latest price of each symbol, drawn ten times a second: a line needs no more. */
export class Prices {
  #symbols = []; #latest = new Map(); #first = new Map(); #labels = new Map();
  #times = []; #lines = []; #plot = null; #colours = []; #axis = ''; #grid = ''; #drawnAt = 0;

  /** past: a promise of { time, data } of the past, oldest first, so that the chart does not begin
   *  empty. */
  async start(past) {
    const [events] = await Promise.all([past, document.fonts.load('12px Inter')]);
    this.#fill(events);
    withColours((colour) => {
      this.#colours = [1, 2, 3, 4].map((i) => colour(`line-${i}`));
      this.#axis = colour('dim');
      this.#grid = colour('line');
      this.#plot?.redraw(false, true);
      this.#labels.forEach((label, symbol) => { label.firstChild.style.color = this.#colourOf(symbol); });
    });
    setInterval(() => this.#step(Date.now() / 1000), STEP_MS);
  }

  price({ data }) {
    if (!this.#latest.has(data.symbol)) this.#add(data.symbol);
    this.#latest.set(data.symbol, data.price);
  }

  #fill(events) {
    const now = new Map(this.#latest);
    let next = 0;
    for (const { data } of events) {
      this.price({ data });
      if (data.at < next) continue;
      this.#push(data.at / 1000);
      next = data.at + STEP_MS;
    }
    now.forEach((price, symbol) => this.#latest.set(symbol, price));
  }

  #add(symbol) {
    const before = this.#symbols.findIndex((other) => other > symbol);
    const index = before < 0 ? this.#symbols.length : before;
    this.#symbols.splice(index, 0, symbol);
    this.#lines.splice(index, 0, new Array(this.#times.length).fill(null));
    const value = make('b');
    const label = make('span', {}, make('i'), `${symbol} `, value);
    this.#labels.set(symbol, label);
    at('symbols').insertBefore(label, at('symbols').children[index] ?? null);
    this.#labels.forEach((other, name) => { other.firstChild.style.color = this.#colourOf(name); });
    this.#plot?.destroy();
    this.#plot = null;
  }

  #colourOf(symbol) {
    return this.#colours[this.#symbols.indexOf(symbol) % this.#colours.length];
  }

  #push(time) {
    this.#times.push(time);
    this.#symbols.forEach((symbol, i) => this.#lines[i].push(this.#latest.get(symbol) ?? null));
    let old = 0;
    while (this.#times[old] < time - SECONDS - 1) ++old;
    if (old) for (const list of [this.#times, ...this.#lines]) list.splice(0, old);
  }

  #step(now) {
    if (this.#symbols.length === 0) return;
    this.#push(now);
    if (document.hidden || (isCalm.matches && now * 1000 < this.#drawnAt + CALM_MS)) return;
    this.#drawnAt = now * 1000;
    if (!this.#plot) this.#make();
    this.#plot.setData([this.#times, ...this.#lines], false);
    this.#plot.setScale('x', { min: now - SECONDS, max: now });
    for (const [symbol, label] of this.#labels)
      write(label.lastChild, this.#latest.get(symbol).toFixed(2));
  }

  #make() {
    const box = at('prices');
    const rem = parseFloat(getComputedStyle(document.documentElement).fontSize) / 14;
    const axis = { stroke: () => this.#axis, grid: { stroke: () => this.#grid, width: 1 },
      ticks: { show: false }, font: `${12 * rem}px Inter`, gap: 4 };
    this.#plot = new uPlot({
      width: box.clientWidth, height: box.clientHeight,
      legend: { show: false }, cursor: { show: false }, padding: [8, 30, 0, 0],
      scales: { y: { range: (_, low, high) => [low - (high - low) * 0.08 - 0.1, high + (high - low) * 0.08 + 0.1] } },
      axes: [{ ...axis, values: (_, seconds) => seconds.map((s) =>
        new Date(s * 1000).toLocaleTimeString('en-GB')), space: 90 * rem, size: 26 * rem }, { ...axis, size: 48 * rem }],
      series: [{}, ...this.#symbols.map((symbol) => ({ stroke: () => this.#colourOf(symbol), width: 1.6 * rem,
        points: { show: false } }))],
    }, [this.#times, ...this.#lines], box);
    this.#resize ??= new ResizeObserver(() => this.#plot?.setSize({ width: box.clientWidth, height: box.clientHeight }));
    this.#resize.observe(box);
  }
  #resize = null;
}
