// The head of a conversation: its name, how things stand, the phone and the camera.

import { channelOf, isBlocked, isLive, phaseOf } from '../calls/calls-client.js';
import { createConversationMenu } from './conversation-menu.js';
import { avatar, h, iconButton, set, setDisabled, setIcon } from './dom.js';
import { faceOf, statusOf, titleOf } from './words.js';

/** Phases in which the phone button waits for something. */
const BUSY = new Set(['outgoing_ringing', 'connecting', 'reconnecting']);

/**
 * @param {import('../calls/calls-client').CallsClient} client
 * @param {{ onBack(): void, onCall(id: string): void, onJoin(id: string): void, onHangUp(): void, onError(error: unknown): void }} actions
 */
export function createHeader(client, actions) {
  const title = h('h2', { class: 'header-title' });
  const status = h('p', { class: 'header-status' });
  const face = h('span', {});
  let others = [];
  const menu = createConversationMenu(client, { people: () => others, onError: actions.onError });
  let press = () => {};
  const dot = h('span', { class: 'live-dot', 'aria-hidden': 'true', hidden: true });
  const spinner = h('span', { class: 'spinner', 'aria-hidden': 'true', hidden: true });
  const phone = iconButton('phone', 'Call', () => press(), { class: 'icon-button phone' });
  phone.append(dot, spinner);
  const camera = iconButton('camera', 'Video call', () => {});
  setDisabled(camera, 'Video calls come later', 'Video call');
  const element = h(
    'header',
    { class: 'header' },
    iconButton('back', 'Back to the conversations', actions.onBack, { class: 'icon-button back' }),
    face,
    h('div', { class: 'header-words' }, title, status),
    phone,
    camera,
    menu.element,
  );
  return {
    element,
    update(model) {
      const { channel, state, now, user } = model;
      const name = titleOf(channel, user.user_id);
      others = channel.members.filter((member) => member.user_id !== user.user_id);
      const { phase, text } = statusOf(state, channel, now);
      set(title, { text: name });
      set(status, { text: text || memberWords(state, channel, others), 'data-phase': phase });
      if (face.dataset.channel !== channel.channel_id) {
        face.dataset.channel = channel.channel_id;
        menu.close();
        face.replaceChildren(avatar(faceOf(channel, user.user_id), name, channel.kind));
      }
      const shown = phoneButton(model, name);
      const reason = shown.reason ?? null;
      press = reason ? () => {} : () => actions[shown.action](channel.channel_id);
      setDisabled(phone, reason, shown.label);
      setIcon(phone.firstChild, shown.action === 'onHangUp' ? 'hangup' : 'phone');
      set(phone, { 'aria-busy': BUSY.has(phase) ? 'true' : null, 'data-action': shown.action });
      set(spinner, { hidden: !BUSY.has(phase) });
      set(dot, { hidden: BUSY.has(phase) || !isLive(channelOf(state, channel.channel_id).call) });
    },
  };
}

/** What the phone button does now, or why it does nothing. */
function phoneButton({ channel, channels, state, now, user }, name) {
  const id = channel.channel_id;
  const { current } = state;
  if (current?.channelId === id) return { action: 'onHangUp', label: 'Leave the call' };
  const live = isLive(channelOf(state, id).call);
  const action = live ? 'onJoin' : 'onCall';
  const label = live ? 'Join the call' : `Call ${name}`;
  if (state.connection.state !== 'open') return { action, label, reason: 'The call service cannot be reached' };
  if (!current) return { action, label };
  const other = channels.find((candidate) => candidate.channel_id === current.channelId);
  const where = other ? titleOf(other, user.user_id) : 'another conversation';
  const busy = phaseOf(state, current.channelId, now) === 'outgoing_ringing' ? 'calling' : 'in a call with';
  return { action, label, reason: `You are ${busy} ${where}. Hang up first.` };
}

function memberWords(state, channel, others) {
  if (channel.kind === 'direct' && others.some((member) => isBlocked(state, member.user_id))) return 'Blocked';
  return channel.kind === 'direct' ? 'Direct message' : `${channel.members.length} members`;
}
