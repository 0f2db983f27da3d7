// A server that does what a real one can not: it stalls, cuts and lies as a test says.
import http from 'node:http';

export class ScriptedServer {
  /** `answer(request, response, number)`; requests are counted from 0 and kept. */
  constructor(answer) {
    this.requests = [];
    this.server = http.createServer(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      const url = new URL(request.url, 'http://here');
      const seen = {
        method: request.method, path: url.pathname, query: Object.fromEntries(url.searchParams),
        id: request.headers['last-event-id'], headers: request.headers, body, at: Date.now(),
      };
      this.requests.push(seen);
      answer(seen, response, this.requests.length - 1);
    });
  }

  async listen() {
    await new Promise((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    this.url = `http://127.0.0.1:${this.server.address().port}`;
    return this;
  }

  close() {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(resolve));
  }
}

/** Starts it, and ends it with the test `t`. */
export async function serve(t, answer) {
  const server = await new ScriptedServer(answer).listen();
  t.after(() => server.close());
  return server;
}

export function openBlock(data = {}, { id = 'p0', retry = 1 } = {}) {
  const body = { keepaliveMs: 20_000, noResume: [], stream: 'token', ...data };
  return `retry: ${retry}\nevent: sluice.open\ndata: ${JSON.stringify(body)}\n${id ? `id: ${id}\n` : ''}\n`;
}

export function eventBlock(n, { channel = 'a', type, key = '', id = `p${n}`, ...more } = {}) {
  const body = JSON.stringify({ channel, event: type ?? 'message', key, time: 1, data: n, ...more });
  return `${type ? `event: ${type}\n` : ''}data: ${body}\n${id ? `id: ${id}\n` : ''}\n`;
}

export function controlBlock(name, data, id) {
  return `event: sluice.${name}\ndata:${data ? ' ' + JSON.stringify(data) : ''}\n${id ? `id: ${id}\n` : ''}\n`;
}

export function startStream(response) {
  response.writeHead(200, { 'Content-Type': 'text/event-stream' });
  response.flushHeaders();
}

export function answerJson(response, status, body, headers = {}) {
  response.writeHead(status, { 'Content-Type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}
