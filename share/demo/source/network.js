/** The way from this page to the node. A button cuts it, as a network does: what is under way breaks
 *  off, and nothing gets through until it is back. */
export class Network {
  #open = new Set();
  isCut = false;

  /** As the global one; for clients. */
  fetch = (url, options) => {
    if (this.isCut) return Promise.reject(new TypeError('the connection is cut'));
    const { signal } = options, request = new AbortController();
    this.#open.add(request);
    signal.addEventListener('abort', () => {
      this.#open.delete(request);
      request.abort(signal.reason);
    });
    if (signal.aborted) request.abort(signal.reason);
    return fetch(url, { ...options, signal: request.signal });
  };

  /** For so long. When it is over clients are told as a browser tells them. */
  cut(ms) {
    this.isCut = true;
    for (const request of this.#open) request.abort();
    this.#open.clear();
    setTimeout(() => {
      this.isCut = false;
      dispatchEvent(new Event('online'));
    }, ms);
  }
}
