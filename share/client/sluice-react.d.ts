/** React hooks over a client of sluice-client; React 18 or later. */
import type { Client, SluiceEvent, State } from './sluice-client';

export interface ChannelOptions<Value, Data> {
  /** Only events of this type. */
  type?: string;
  initial?: Value;
  /** The next value; without it the value is the latest event. Must not change the old one. */
  reduce?: (value: Value, event: SluiceEvent<Data>) => Value;
}

/**
 * Reads a channel, or a pattern, while the component is mounted, and folds its events into a value.
 * The component is drawn at most once a frame, however many events come.
 */
export function useChannel<Data = any>(
  client: Client<any>, channel: string): SluiceEvent<Data> | undefined;
export function useChannel<Value, Data = any>(
  client: Client<any>, channel: string, options: ChannelOptions<Value, Data>): Value;

/** The latest event of each key of channels that the client reads: the rows of a table. */
export function useStore<Data = any>(
  client: Client<any>, channel?: string): readonly SluiceEvent<Data>[];

/** The state of the connection. */
export function useConnection(client: Client<any>): State;
