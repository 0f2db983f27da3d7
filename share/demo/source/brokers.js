import { at, make } from './dom.js';

const NAMES = { kafka: 'Kafka', mosquitto: 'Mosquitto', redis: 'Redis', zeromq: 'ZeroMQ' };

/** Buttons that stop and start brokers, where site.json names who does it. */
export function brokerButtons({ control, token }, say) {
  if (!control) return;
  const buttons = new Map();

  async function ask(method, path) {
    const answer = await fetch(control + path, { method, headers: { Authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(60_000) });
    if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`);
    return answer.json();
  }

  function show({ brokers }) {
    for (const { name, running } of brokers) {
      if (!buttons.has(name)) buttons.set(name, button(name));
      const { element } = buttons.get(name);
      buttons.get(name).running = running;
      element.textContent = `${running ? 'Stop' : 'Start'} ${NAMES[name] ?? name}`;
      element.setAttribute('aria-pressed', String(!running));
    }
  }

  function button(name) {
    const element = make('button', { type: 'button', id: `broker-${name}` });
    const it = { element, running: true };
    element.onclick = async () => {
      const does = it.running ? 'stop' : 'start';
      element.disabled = true;
      say(`${does === 'stop' ? 'stopping' : 'starting'} ${NAMES[name] ?? name}`);
      try {
        show(await ask('POST', `/brokers/${name}/${does}`));
        say(`${NAMES[name] ?? name} ${it.running ? 'runs again' : 'is stopped'}`);
      } catch (error) {
        say(`${NAMES[name] ?? name}: ${error.message}`, 'bad');
      }
      element.disabled = false;
    };
    at('buttons').append(element);
    return it;
  }

  ask('GET', '/brokers').then(show, (error) => say(`no answer from ${control}: ${error.message}`, 'bad'));
}
