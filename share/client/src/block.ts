import type { SluiceError, State } from '../sluice-client';

/** What a connection hands on: a whole block of a stream, or its like from a poll. */
export interface Block {
  type: string;
  /** An envelope, or the data of a control block. */
  body?: any;
  /** Where to go on behind it. */
  id?: string;
}

/** Whom a connection reports to. */
export interface Hooks {
  block(block: Block): void;
  state(state: State): void;
  error(error: SluiceError): void;
  /** The server does not give these channels: nobody shall want them any more. */
  refuse(channels: string[]): void;
  /** While it waits nothing more is read; undefined: go on. */
  ready(): Promise<void> | undefined;
}

/** Where a client's blocks come from. */
export interface Link {
  readonly transport: 'stream' | 'poll' | 'tab';
  /** The channels that are wanted have changed. */
  change(): void;
  close(): void;
}

export function errorOf(status: number, code: string, message: string, final: boolean): SluiceError {
  return Object.assign(new Error(message), { status, code, final });
}
