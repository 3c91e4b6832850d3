// A strip at the top while the service is away, with a way to hurry.

import { h, set } from './dom.js';
import { comfortOf } from './words.js';

/** A short gap heals by itself before anybody has read the line. */
const TROUBLE_AFTER_MS = 2500;

/** @param {import('../calls/calls-client').CallsClient} client */
export function createTrouble(client) {
  const words = h('span', {});
  const element = h(
    'section',
    { class: 'trouble', 'aria-label': 'Connection trouble', hidden: true },
    words,
    h('button', { type: 'button', class: 'link', onclick: () => client.nudge(), text: 'Try now' }),
  );
  return {
    element,
    update({ state, now }) {
      const away = state.lostAt !== null && now - state.lostAt > TROUBLE_AFTER_MS;
      const known = state.connection.words ?? 'The call service cannot be reached.';
      // In a call the same words are announced by themselves.
      set(words, { role: state.current ? null : 'status' });
      set(element, { hidden: !away });
      if (away) set(words, { text: state.current ? comfortOf(state, now) : `${known} Trying again…` });
    },
  };
}
