// The bar at the bottom, wherever one is: the call one is in, and its controls.

import { ownVoice, phaseOf, channelOf } from '../calls/calls-client.js';
import { avatar, h, iconButton, set, setDisabled, setIcon } from './dom.js';
import { createDeviceMenu } from './device-menu.js';
import { endOf, faceOf, statusOf, titleOf } from './words.js';

/** @param {import('../calls/calls-client').CallsClient} client */
export function createCallBar(client, { onSelect, onError }) {
  const title = h('span', { class: 'bar-title' });
  const status = h('span', { class: 'bar-status', role: 'timer', 'aria-live': 'off' });
  const face = h('span', {});
  let shownId = null;
  const attempt = (work) => work.catch(onError);
  const where = h(
    'button',
    { type: 'button', class: 'bar-where', 'aria-description': 'Show the conversation', onclick: () => onSelect(shownId) },
    face,
    h('span', { class: 'bar-words' }, title, status),
  );
  const mute = iconButton('mic', 'Mute', () => attempt(client.setMuted(!ownVoice(client.state).muted)));
  const deafen = iconButton('sound', 'Deafen', () => attempt(client.setDeafened(!ownVoice(client.state).deafened)));
  const menu = createDeviceMenu(client, onError);
  const camera = iconButton('camera', 'Camera', () => {}, { class: 'icon-button camera' });
  setDisabled(camera, 'Video comes later', 'Camera');
  const hangUp = iconButton('hangup', 'Hang up', () => attempt(client.hangUp()), { class: 'icon-button hang-up' });
  const controls = h(
    'div',
    { class: 'bar-controls', role: 'group', 'aria-label': 'Call controls' },
    h('span', { class: 'split' }, mute, menu.element),
    deafen,
    camera,
    hangUp,
  );
  const element = h('section', { class: 'call-bar', 'aria-label': 'Current call', hidden: true }, where, controls);

  return {
    element,
    update(model) {
      const channel = shownChannel(model);
      const inCall = model.state.current !== null;
      set(element, { hidden: !channel, 'data-phase': channel && phaseOf(model.state, channel.channel_id, model.now) });
      set(controls, { hidden: !inCall });
      if (!inCall) menu.close();
      if (!channel) return;
      const name = titleOf(channel, model.user.user_id);
      if (shownId !== channel.channel_id) {
        shownId = channel.channel_id;
        face.replaceChildren(avatar(faceOf(channel, model.user.user_id), name, `small ${channel.kind}`));
      }
      set(title, { text: name });
      set(status, { text: inCall ? statusOf(model.state, channel, model.now).text : endOf(model.state, channel) });
      drawVoice(ownVoice(model.state));
    },
  };

  function drawVoice({ muted, deafened }) {
    toggle(mute, muted, ['micOff', 'Unmute'], ['mic', 'Mute']);
    toggle(deafen, deafened, ['soundOff', 'Undeafen'], ['sound', 'Deafen']);
  }
}

function toggle(button, isOn, on, off) {
  const [name, label] = isOn ? on : off;
  setIcon(button.firstChild, name);
  set(button, { 'aria-label': label, 'data-tip': label, 'aria-pressed': String(isOn) });
}

/** The call's conversation, or for a moment the one whose call has just ended for this device. */
function shownChannel({ state, channels, now, lastCall }) {
  const id = state.current?.channelId ?? (lastCall && channelOf(state, lastCall).ended ? lastCall : null);
  if (!id || (!state.current && phaseOf(state, id, now) !== 'ended')) return null;
  return channels.find((channel) => channel.channel_id === id) ?? null;
}
