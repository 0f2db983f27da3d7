import { at, make, write } from './dom.js';

/** A button on each card: its channel leaves the living stream, and comes back, by one PATCH; the
 *  others go on. channels: by the name of the card. */
export function pauseButtons(channels, change, say) {
  for (const [card, channel] of Object.entries(channels)) {
    const title = at(`${card}-title`), text = make('span', { textContent: 'Pause' });
    const button = make('button', { type: 'button', className: 'small', id: `pause-${card}` },
      text, make('span', { className: 'unseen', textContent: ` ${title.textContent}` }));
    let isPaused = false;
    button.onclick = () => {
      isPaused = !isPaused;
      write(text, isPaused ? 'Resume' : 'Pause');
      title.closest('section').classList.toggle('paused', isPaused);
      change(channel, isPaused);
      say(`${channel} ${isPaused ? 'left' : 'is back on'} the stream; the other channels did not notice`);
    };
    title.parentElement.append(button);
  }
}
