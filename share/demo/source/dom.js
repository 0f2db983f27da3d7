export const at = (id) => document.getElementById(id);

/** An element with properties and children. */
export function make(tag, properties = {}, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

/** Writes only what differs: a page that is not touched is not laid out. */
export function write(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

export const count = (number) => number.toLocaleString('en');
export const clock = (time = new Date()) => time.toLocaleTimeString('en-GB');
export const CALM_MS = 1000; // between two pictures for who wants no motion
export const isCalm = matchMedia('(prefers-reduced-motion: reduce)');

const dark = matchMedia('(prefers-color-scheme: dark)');

/** Calls now and whenever colours change, with a function that reads a CSS variable. */
export function withColours(callback) {
  const read = () => {
    const style = getComputedStyle(document.documentElement);
    callback((name) => style.getPropertyValue(`--${name}`).trim());
  };
  dark.addEventListener('change', read);
  read();
}

/** Calls once per frame at most, while the page is seen. */
export function perFrame(callback) {
  let isAsked = false;
  return () => {
    if (isAsked) return;
    isAsked = true;
    requestAnimationFrame(() => { isAsked = false; callback(); });
  };
}

/** A line of the last 30 values, 60 wide and 20 high. */
export class Sparkline {
  #values = []; #line;
  constructor(svg) {
    svg.setAttribute('viewBox', '0 0 60 20');
    svg.setAttribute('preserveAspectRatio', 'none');
    this.#line = document.createElementNS('http://www.w3.org/2000/svg', 'polyline');
    svg.append(this.#line);
  }
  add(value) {
    this.#values.push(value);
    if (this.#values.length > 30) this.#values.shift();
    const most = Math.max(...this.#values, 1e-9);
    const step = 60 / Math.max(1, this.#values.length - 1);
    this.#line.setAttribute('points',
      this.#values.map((v, i) => `${(i * step).toFixed(1)},${(19 - 17 * v / most).toFixed(1)}`).join(' '));
  }
}
