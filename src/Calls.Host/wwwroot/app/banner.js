// Somebody is calling: over the page when one is free, a quiet note when one is in a call.

import { channelOf, onScreen } from '../calls/calls-client.js';
import { avatar, h, icon, iconButton, keyed, set } from './dom.js';
import { callerOf, titleOf } from './words.js';

/** @param {{ onJoin(id: string): void, onDecline(id: string): void, onDismiss(id: string): void, onUnblock(): void }} actions */
export function createBanners(actions) {
  const element = h('div', { class: 'banners' });
  return {
    element,
    update(model) {
      const items = onScreen(model.state, model.now)
        .map((id) => ({ channel: model.channels.find((channel) => channel.channel_id === id), model }))
        .filter(({ channel }) => channel);
      keyed(element, items, ({ channel }) => channel.channel_id, (item) => createBanner(item, actions));
    },
  };
}

function createBanner({ channel, model }, actions) {
  const id = channel.channel_id;
  const { call } = channelOf(model.state, id);
  const words = h('p', { class: 'banner-words' });
  const note = h('p', { class: 'banner-note' });
  const hint = h(
    'button',
    { type: 'button', class: 'link', onclick: actions.onUnblock, hidden: true },
    icon('bell'),
    h('span', { text: 'Turn on the ringing sound' }),
  );
  const join = h('span', {});
  const element = h(
    'section',
    { class: 'banner', 'aria-label': 'Incoming call' },
    avatar(call.started_by, callerOf(model.state, channel), 'pulsing'),
    h('div', { class: 'banner-text', role: 'alert' }, words, note),
    h(
      'div',
      { class: 'banner-actions' },
      h('button', { type: 'button', class: 'button primary', onclick: () => actions.onJoin(id) }, icon('phone'), join),
      h('button', { type: 'button', class: 'button danger', onclick: () => actions.onDecline(id), text: 'Decline' }),
      iconButton('close', 'Dismiss', () => actions.onDismiss(id)),
    ),
    hint,
  );
  return {
    element,
    update({ channel, model: { state, user, ringBlocked } }) {
      const busy = state.current !== null;
      set(element, { class: `banner${busy ? ' quiet' : ''}` });
      set(words, { text: `${callerOf(state, channel)} is calling…` });
      set(note, { text: channel.kind === 'group' ? titleOf(channel, user.user_id) : 'Voice call' });
      set(join, { text: busy ? 'Switch' : 'Join' });
      set(hint, { hidden: busy || !ringBlocked });
    },
  };
}
