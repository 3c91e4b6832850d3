// The body of a conversation: who is in the call and how they are; without a call, the calls that were.

import { channelOf, isElsewhere, isLive, participants, phaseOf } from '../calls/calls-client.js';
import { h, icon, keyed, set } from './dom.js';
import { createHistory } from './history.js';
import { createTile } from './tile.js';
import { callerOf, nameOf } from './words.js';

/**
 * @param {import('../calls/calls-client').CallsClient} client
 * @param {{ onJoin(id: string): void, onDecline(id: string): void, onEnd(id: string): void, onRing(id: string, userId: string): void }} actions
 */
export function createStage(client, actions) {
  const tiles = h('ul', { class: 'tiles', 'aria-label': 'Participants' });
  const foot = createFoot(actions);
  const history = createHistory(client);
  const element = h('div', { class: 'stage' }, tiles, foot.element, history.element);
  return {
    element,
    update(model) {
      const { state, channel } = model;
      const id = channel.channel_id;
      const busy = state.current?.channelId === id || isLive(channelOf(state, id).call);
      set(element, { class: `stage${busy ? ' in-call' : ''}` });
      set(tiles, { hidden: !busy });
      const shown = busy ? people(model) : [];
      set(tiles, { 'data-columns': columnsFor(shown.length) });
      keyed(tiles, shown, (person) => person.userId, (person) => createTile(person, actions));
      foot.update(model);
      set(history.element, { hidden: busy });
      history.update(model);
    },
  };
}

const columnsFor = (count) => (count <= 4 ? 2 : count <= 9 ? 3 : 4);

/** What can be done about a live call besides what header and bar offer. */
function createFoot(actions) {
  let shown = null;
  const words = h('p', {});
  const joinLabel = h('span', {});
  const join = h(
    'button',
    { type: 'button', class: 'button primary', onclick: () => actions.onJoin(shown) },
    icon('phone'),
    joinLabel,
  );
  const decline = h('button', {
    type: 'button',
    class: 'button danger',
    text: 'Decline',
    'aria-label': 'Decline the call',
    onclick: () => actions.onDecline(shown),
  });
  const end = h('button', { type: 'button', class: 'button', text: 'End for all', onclick: () => actions.onEnd(shown) });
  const element = h('div', { class: 'stage-foot' }, words, join, decline, end);
  return {
    element,
    update({ state, channel }) {
      shown = channel.channel_id;
      const { call, ring } = channelOf(state, shown);
      const elsewhere = isElsewhere(state, shown);
      const canJoin = isLive(call) && state.current === null;
      const canEnd = isOwnGroupCall(state, channel);
      set(element, { hidden: !canJoin && !canEnd });
      set(words, { text: invitation(state, channel, elsewhere), hidden: !canJoin });
      set(joinLabel, { text: elsewhere ? 'Move it here' : 'Join' });
      set(join, { hidden: !canJoin });
      set(decline, { hidden: !canJoin || !ring });
      set(end, { hidden: !canEnd });
    },
  };
}

function invitation(state, channel, elsewhere) {
  if (elsewhere) return 'You are in this call on another device.';
  const { ring } = channelOf(state, channel.channel_id);
  return ring ? `${callerOf(state, channel)} is calling you.` : 'A call is going on here.';
}

/** The initiator of a group call may end it for everybody; in a DM hanging up does that anyway. */
function isOwnGroupCall({ current, self, channels }, channel) {
  if (channel.kind !== 'group' || current?.channelId !== channel.channel_id || current.wanted) return false;
  const call = channels[channel.channel_id]?.call;
  return call?.status === 'active' && call.started_by === self?.userId;
}

/** Everybody to show: those who are in, then those who are rung or could be. */
function people({ state, channel, now, user }) {
  const id = channel.channel_id;
  const { call } = channelOf(state, id);
  const here = state.current?.channelId === id;
  const inside = participants(state, id).map((voice) => ({
    channelId: id,
    userId: voice.user_id,
    name: voice.username,
    isSelf: voice.user_id === user.user_id,
    voice,
    speaking: here && !voice.muted && (state.speakers?.includes(voice.user_id) ?? false),
    status: voice.connection === 'reconnecting' ? 'Reconnecting…' : '',
    away: false,
  }));
  const known = new Set(inside.map((person) => person.userId));
  const outside = channel.members
    .filter((member) => !known.has(member.user_id) && (here || member.user_id !== user.user_id))
    .map((member) => ({
      channelId: id,
      userId: member.user_id,
      name: nameOf(channel, member.user_id),
      isSelf: member.user_id === user.user_id,
      voice: null,
      speaking: false,
      status: awayWords(call, member.user_id, member.user_id === user.user_id, state, now),
      away: true,
      canRing: here && channel.kind === 'group' && phaseOf(state, id, now) === 'connected' && !isRung(call, member.user_id, state, now),
    }));
  return [...inside, ...outside];
}

/** Whether the member's devices may still ring, as far as the others know. */
function isRung(call, userId, state, now) {
  if (!call?.expires_at || !call.target_users.includes(userId) || call.declined_by.includes(userId)) return false;
  return now + state.clockOffset < Date.parse(call.expires_at);
}

function awayWords(call, userId, isSelf, state, now) {
  if (isSelf) return 'Joining…';
  if (call?.declined_by.includes(userId)) return 'Declined';
  return !call || call.status === 'ringing' || isRung(call, userId, state, now) ? 'Ringing…' : 'Not in the call';
}
