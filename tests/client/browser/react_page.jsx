// The page of the test of the React hooks.
import React, { useState } from 'react';
import { createRoot } from 'react-dom/client';
import { connect } from '../../../share/client/sluice-client.js';
import { useChannel, useConnection, useStore } from '../../../share/client/sluice-react.js';

globalThis.renders = 0;
globalThis.client = connect({ channels: 'stock/eu', from: 'snapshot' });
// Streams of their own: a channel that is added to a snapshot begins the snapshot anew.
const ticks = connect({ channels: [] });
const add = (sum, event) => sum + event.data;

function Sum() {
  const sum = useChannel(ticks, 'ticks', { initial: 0, reduce: add });
  globalThis.renders += 1;
  return <b id="sum">{sum}</b>;
}

function Page() {
  const [isShown, show] = useState(true);
  globalThis.hide = () => show(false);
  const rows = useStore(globalThis.client, 'stock/{any}');
  return <>
    <i id="state">{useConnection(ticks)}</i>
    <p id="rows">{rows.map(({ key, data }) => `${key}=${data}`).join()}</p>
    {isShown && <Sum />}
  </>;
}

createRoot(document.querySelector('#root')).render(<Page />);
