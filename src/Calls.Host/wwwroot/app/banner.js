// Somebody is calling: over the page when one is free, a quiet note when one is in a call.

import { channelOf, isLoud, onScreen, phaseOf } from '../calls/calls-client.js';
import { avatar, h, icon, iconButton, keyed, set } from './dom.js';
import { callerOf, endOf, faceOf, titleOf } from './words.js';

/** @param {{ onJoin(id: string): void, onDecline(id: string): void, onDismiss(id: string): void, onUnblock(): void }} actions */
export function createBanners(actions) {
  const element = h('div', { class: 'banners' });
  return {
    element,
    update(model) {
      const ringing = onScreen(model.state, model.now).map((id) => item('ring', id, model));
      const answered = answeredElsewhere(model).map((id) => item('note', id, model));
      const items = [...ringing, ...answered].filter(({ channel }) => channel);
      keyed(element, items, ({ kind, channel }) => `${kind} ${channel.channel_id}`, (each) => KINDS[each.kind](each, actions));
    },
  };
}

const KINDS = { ring: createBanner, note: createNote };

const item = (kind, id, model) => ({
  kind,
  channel: model.channels.find((channel) => channel.channel_id === id),
  model,
});

/** Where it rang until a moment ago. */
const answeredElsewhere = ({ state, now }) =>
  Object.keys(state.channels).filter(
    (id) => phaseOf(state, id, now) === 'ended' && channelOf(state, id).ended.reason.endsWith('_elsewhere'),
  );

/** Why it has stopped ringing. */
function createNote({ channel, model }) {
  const name = titleOf(channel, model.user.user_id);
  const words = h('p', { class: 'banner-words' });
  const element = h(
    'section',
    { class: 'banner quiet note', 'aria-label': 'Answered call', role: 'status' },
    avatar(faceOf(channel, model.user.user_id), name, channel.kind),
    h('div', { class: 'banner-text' }, words, h('p', { class: 'banner-note', text: name })),
  );
  return { element, update: (each) => set(words, { text: endOf(each.model.state, each.channel) }) };
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
      const kind = channel.kind === 'group' ? titleOf(channel, user.user_id) : 'Voice call';
      const isQuiet = !isLoud(state, channel.channel_id);
      set(note, { text: isQuiet ? `${kind} • without a sound` : kind });
      set(join, { text: busy ? 'Switch' : 'Join' });
      set(hint, { hidden: busy || isQuiet || !ringBlocked });
    },
  };
}
