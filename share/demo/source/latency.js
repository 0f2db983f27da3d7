/** Quantiles of the last so many seconds. */
export class Latency {
  #samples = []; // [when, ms], oldest first
  #windowMs; #samplesMax;

  constructor(windowMs, samplesMax = 5000) {
    this.#windowMs = windowMs;
    this.#samplesMax = samplesMax;
  }

  add(now, ms) {
    this.#samples.push([now, ms]);
    if (this.#samples.length > this.#samplesMax) this.#samples.shift();
  }

  /** Of each of these parts of 1; NaN without samples. */
  quantiles(now, parts) {
    let old = 0;
    while (old < this.#samples.length && this.#samples[old][0] < now - this.#windowMs) ++old;
    if (old) this.#samples.splice(0, old);
    const sorted = this.#samples.map(([, ms]) => ms).sort((a, b) => a - b);
    return parts.map((part) =>
      sorted.length ? sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))] : NaN);
  }
}
