import { useCallback, useMemo, useRef, useSyncExternalStore } from 'react';
import type * as api from '../sluice-react';
import type { Client, SluiceEvent, State, Store } from '../sluice-client';

/** Calls at most once a frame; what is not shown is not painted. */
function eachFrame(call: () => void) {
  let frame: number | undefined;
  return {
    wake: () => {
      frame ??= requestAnimationFrame(() => {
        frame = undefined;
        call();
      });
    },
    stop: () => {
      if (frame !== undefined) cancelAnimationFrame(frame);
    },
  };
}

export const useChannel: typeof api.useChannel = (
  client: Client, channel: string,
  { type = '*', initial, reduce = (_, event) => event }: api.ChannelOptions<any, any> = {}) => {
  const latestReduce = useRef(reduce);
  latestReduce.current = reduce;
  const cell = useMemo(() => ({ value: initial, shown: initial }), [client, channel, type]);
  const subscribe = useCallback((changed: () => void) => {
    const frames = eachFrame(() => {
      cell.shown = cell.value;
      changed();
    });
    const off = client.on(channel, type, (event: SluiceEvent) => {
      cell.value = latestReduce.current(cell.value, event);
      frames.wake();
    });
    const leave = client.subscribe(channel);
    return () => {
      frames.stop();
      off();
      leave();
    };
  }, [cell]);
  return useSyncExternalStore(subscribe, () => cell.shown, () => initial);
};

const nothing: readonly SluiceEvent[] = [];

export const useStore: typeof api.useStore = (client: Client, channel = '*') => {
  const cell = useMemo(() => ({ shown: nothing }), [client, channel]);
  const subscribe = useCallback((changed: () => void) => {
    const store: Store = client.store(channel);
    cell.shown = store.values();
    const frames = eachFrame(() => {
      cell.shown = store.values();
      changed();
    });
    const off = store.subscribe(frames.wake);
    return () => {
      frames.stop();
      off();
      store.close();
    };
  }, [cell]);
  return useSyncExternalStore(subscribe, () => cell.shown, () => nothing) as readonly SluiceEvent<any>[];
};

export const useConnection: typeof api.useConnection = (client: Client): State => {
  const subscribe = useCallback((changed: () => void) => client.on('state', changed), [client]);
  return useSyncExternalStore(subscribe, () => client.state, () => 'idle');
};
