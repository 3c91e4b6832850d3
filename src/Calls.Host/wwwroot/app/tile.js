// One person in a call.

import { avatar, h, icon, set } from './dom.js';

/** @param {{ onRing(channelId: string, userId: string): void }} actions */
export function createTile({ channelId, userId, name, isSelf }, actions) {
  const face = avatar(userId, name, 'large');
  const status = h('span', { class: 'tile-status' });
  const muted = h('span', { class: 'tile-mark', hidden: true }, icon('micOff'), h('span', { class: 'sr', text: 'muted' }));
  const deafened = h('span', { class: 'tile-mark', hidden: true }, icon('soundOff'), h('span', { class: 'sr', text: 'deafened' }));
  const speaks = h('span', { class: 'sr' });
  const ring = h(
    'button',
    { type: 'button', class: 'link', hidden: true, onclick: () => actions.onRing(channelId, userId) },
    icon('bell'),
    h('span', { text: 'Ring' }),
    h('span', { class: 'sr', text: ` ${name}` }),
  );
  const element = h(
    'li',
    { class: 'tile' },
    face,
    h('span', { class: 'tile-name' }, h('span', { text: isSelf ? `${name} (you)` : name }), muted, deafened, speaks),
    status,
    ring,
  );
  return {
    element,
    update({ voice, speaking, status: words, away, canRing }) {
      const ringing = words === 'Ringing…';
      set(element, {
        class: `tile${speaking ? ' speaking' : ''}${away ? ' away' : ''}${ringing ? ' ringing' : ''}`,
        'data-user': userId,
        'data-connection': voice?.connection,
      });
      set(status, { text: words });
      set(muted, { hidden: !voice?.muted });
      set(deafened, { hidden: !voice?.deafened });
      set(speaks, { text: speaking ? 'speaking' : '' });
      set(ring, { hidden: !canRing });
    },
  };
}
