// What stands between a browser and Sluice, and does what networks do.
import http from 'node:http';
import net from 'node:net';

async function listen(t, server, close) {
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(close);
  return `http://127.0.0.1:${server.address().port}`;
}

/** Passes bytes; `cut()` ends all connections, `stall()` lets them stand without a byte more. */
export async function tcpProxy(t, target) {
  const { port } = new URL(target);
  const open = new Set();
  const server = net.createServer((client) => {
    const behind = net.connect(port, '127.0.0.1');
    const pair = [client, behind];
    open.add(pair);
    for (const one of pair) {
      one.on('error', () => {});
      one.on('close', () => {
        open.delete(pair);
        for (const other of pair) other.destroy();
      });
    }
    client.pipe(behind);
    behind.pipe(client);
  });
  const proxy = {
    connections: 0,
    cut: () => [...open].flat().forEach((one) => one.destroy()),
    stall: () => {
      for (const [client, behind] of open) {
        behind.unpipe(client);
        client.unpipe(behind);
        behind.on('data', () => {});
      }
    },
  };
  server.on('connection', () => (proxy.connections += 1));
  proxy.url = await listen(t, server, () => {
    proxy.cut();
    server.close();
  });
  return proxy;
}

/** Hands an answer on when it has all of it, as proxies do that buffer. */
export async function bufferingProxy(t, target) {
  const server = http.createServer((request, response) => {
    const options = { method: request.method, headers: request.headers, agent: false };
    const behind = http.request(target + request.url, options, (answer) => {
      const parts = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('end', () => {
        response.writeHead(answer.statusCode, { 'Content-Type': answer.headers['content-type'] ?? '' });
        response.end(Buffer.concat(parts));
      });
      answer.on('error', () => response.destroy());
    });
    behind.on('error', () => response.destroy());
    response.on('close', () => behind.destroy());
    request.pipe(behind);
  });
  return {
    url: await listen(t, server, () => {
      server.closeAllConnections();
      server.close();
    }),
  };
}
