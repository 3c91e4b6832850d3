// Who are you? Four demo users to choose from.

import { DEMO_USERS } from './account.js';
import { avatar, h, icon } from './dom.js';

/** @param {{ onSignIn: (user: object) => void }} actions */
export function createSignIn({ onSignIn }) {
  const choices = DEMO_USERS.map((user) =>
    h(
      'button',
      { type: 'button', class: 'person-choice', onclick: () => onSignIn(user) },
      avatar(user.user_id, user.name),
      h('span', { text: user.name }),
    ),
  );
  return h(
    'main',
    { class: 'sign-in' },
    h(
      'div',
      { class: 'sign-in-card' },
      h('span', { class: 'logo' }, icon('phone')),
      h('h1', { text: 'Calls' }),
      h('p', { text: 'Choose who you are. Open a second tab and be somebody else to call.' }),
      h('div', { class: 'person-choices', role: 'group', 'aria-label': 'Sign in as' }, ...choices),
    ),
  );
}
