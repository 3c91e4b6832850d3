// The calls that a conversation has had, as lines in it.

import { channelOf } from '../calls/calls-client.js';
import { fetchHistory } from './account.js';
import { avatar, h, icon, set } from './dom.js';
import { clock, faceOf, nameOf, titleOf } from './words.js';

export function createHistory() {
  const face = h('div', {});
  const title = h('p', { class: 'history-title' });
  const hint = h('p', { class: 'history-hint' });
  const list = h('ol', { class: 'history-list', 'aria-label': 'Calls in this conversation', hidden: true });
  const element = h('div', { class: 'history' }, face, title, hint, list);
  let shown = null;
  return {
    element,
    /** Asks the service again when the conversation or its last ended call is another. */
    update(model) {
      drawHead(model);
      const key = `${model.channel.channel_id} ${channelOf(model.state, model.channel.channel_id).endedId}`;
      if (key === shown || model.state.connection.state !== 'open') return;
      shown = key;
      fill(model).catch((error) => console.warn('calls: no history:', error.message));
    },
  };

  function drawHead({ channel, user }) {
    if (face.dataset.channel === channel.channel_id) return;
    face.dataset.channel = channel.channel_id;
    const name = titleOf(channel, user.user_id);
    face.replaceChildren(avatar(faceOf(channel, user.user_id), name, `large ${channel.kind}`));
    set(title, { text: name });
    set(hint, { text: `Press the phone to call ${channel.kind === 'direct' ? name : 'everybody here'}.` });
    list.hidden = true;
  }

  async function fill({ channel, user }) {
    const key = shown;
    const calls = await fetchHistory(channel.channel_id);
    if (key !== shown) return;
    list.replaceChildren(...calls.map((call) => line(call, channel, user)));
    list.hidden = calls.length === 0;
  }
}

function line(call, channel, user) {
  const mine = call.started_by === user.user_id;
  const caller = mine ? 'You' : nameOf(channel, call.started_by);
  const when = new Date(call.started_at);
  return h(
    'li',
    { class: `history-line${call.missed ? ' missed' : ''}` },
    icon(call.duration_secs === null ? 'hangup' : 'phone'),
    h('span', { text: call.missed ? `Missed call from ${caller}` : `${caller} ${outcome(call, mine)}` }),
    h('time', { datetime: call.started_at, text: when.toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' }) }),
  );
}

function outcome(call, mine) {
  if (call.duration_secs !== null) return `called • ${clock(call.duration_secs)}`;
  return mine ? 'called, no answer' : 'called';
}
