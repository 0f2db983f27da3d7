// The first picture: what stands now, of channels that know it, while the stream goes on.
import { connect } from '../../client/sluice-client.js';

const nameOf = ({ channel, key }) => `${channel}\n${key}`;

/** Reads the latest event of each key by a second connection that ends with it. What the stream says
 *  of a key meanwhile is newer, and goes first. */
export class Picture {
  #options; #touched = null;

  /** options: of `connect`. */
  constructor(channels, options) {
    this.#options = { ...options, channels, from: 'snapshot' };
  }

  /** An event of the stream. */
  touch(event) {
    this.#touched?.add(nameOf(event));
  }

  /** Calls back with what is not newer in the stream, oldest first, and with a function that tells
   *  what is: isTouched(channel, key). The stream must stand. */
  load(callback) {
    if (this.#touched) return; // it comes already
    const touched = this.#touched = new Set(), client = connect(this.#options), store = client.store();
    const end = () => {
      client.close();
      this.#touched = null;
    };
    client.on('error', ({ final }) => final && end());
    client.on('sync', () => {
      end();
      callback(store.values().filter((event) => !touched.has(nameOf(event))),
        (channel, key) => touched.has(nameOf({ channel, key })));
    });
  }
}
