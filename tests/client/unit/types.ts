// Compiled by built.test.mjs: what users write, and what must be refused.
import { connect, type Gap, type SluiceEvent, type State } from 'sluice-client';
import { useChannel, useConnection, useStore } from 'sluice-client/react';

interface Order {
  id: string;
  total: number;
}

const client = connect<{ order: Order }>({
  url: new URL('https://sluice.example'), channels: ['orders/{region}'], from: '-10',
  auth: async () => 'token', tabs: 'user-17', signal: AbortSignal.timeout(1_000),
  snapshot: (gaps: Gap[]) => console.warn(gaps[0].reason),
});

client.on('orders/eu', 'order', (event) => event.data.total.toFixed(2));
client.on('orders/eu', 'refund', (event) => event.data.anything);
client.on('gap', (gap) => gap.lanes?.map(({ lane, from, to }) => [lane, from, to]));
client.on('open', (open) => open.keepaliveMs + 1);
client.on('state', (state: State) => state === 'live');
client.on('error', (error) => error.final && error.status === 403);
// @ts-expect-error: there is no such field
client.on('orders/eu', 'order', (event) => event.data.price);
// @ts-expect-error: there is no such thing to listen to
client.on('gaps', () => {});
// @ts-expect-error: it is read only
client.state = 'live';

export async function read(): Promise<SluiceEvent | undefined> {
  for await (const event of client) return event;
  return undefined;
}

export function Rows() {
  const rows = useStore<Order>(client, 'orders/eu').map((row) => row.data.total);
  const total: number = useChannel(client, 'orders/eu', {
    initial: 0, reduce: (sum, event: SluiceEvent<Order>) => sum + event.data.total });
  const last = useChannel<Order>(client, 'orders/eu');
  return [rows, total, last?.data.id, useConnection(client)];
}
