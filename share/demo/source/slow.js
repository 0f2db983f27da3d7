// A reader that takes much less than comes: the node must not wait for it, and must say what it
// leaves out.
import { Proof } from './proof.js';

// A browser hands over all that has come at once, so what is slow is counted in bytes, not in reads.
const BYTES_PER_S = 400 * 1024, REPORT_MS = 500;

/** Blocks of a stream, out of text as it comes. */
export class Blocks {
  #rest = '';
  /** The blocks that end in this text: { type, data }. */
  take(text) {
    const parts = (this.#rest + text).split('\n\n');
    this.#rest = parts.pop();
    return parts.map((part) => {
      const field = (name) => part.split('\n').filter((line) => line.startsWith(`${name}: `) || line.startsWith(`${name}:`))
        .map((line) => line.slice(name.length + 1).replace(/^ /, '')).join('\n');
      return { type: field('event') || 'message', data: field('data') };
    });
  }
}

/** Reads the channel `firehose` slowly until the signal. Calls back with
 *  { kibPerS, events, told, lost }: what it got, what the node said that it left out, and what is
 *  missing without a word. */
export async function readSlowly(signal, callback) {
  const answer = await fetch('/events/firehose', { signal, headers: { Accept: 'text/event-stream' } });
  if (!answer.ok) throw new Error(`the node answered ${answer.status}`);
  const reader = answer.body.getReader(), decoder = new TextDecoder(), blocks = new Blocks();
  const proof = new Proof(), begun = performance.now();
  let bytes = 0;
  const report = () => callback({ kibPerS: bytes / 1024 / ((performance.now() - begun) / 1000),
    events: proof.checked, told: proof.told, lost: proof.lost });
  const timer = setInterval(report, REPORT_MS);
  try {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return report();
      bytes += value.length;
      for (const { type, data } of blocks.take(decoder.decode(value, { stream: true })))
        if (type === 'sluice.gap') proof.gap(false);
        else if (type === 'message') proof.saw('firehose', JSON.parse(data).n);
      await new Promise((resolve) => setTimeout(resolve, value.length / BYTES_PER_S * 1000));
    }
  } finally {
    clearInterval(timer);
  }
}
