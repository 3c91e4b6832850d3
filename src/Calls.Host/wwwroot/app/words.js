// What the states of a call are called on the page.

import { GRACE_MS, channelOf, elapsed, graceLeft, isElsewhere, participants, phaseOf } from '../calls/calls-client.js';

/** 65 → "1:05", 3725 → "1:02:05" */
export function clock(seconds) {
  const whole = Math.floor(seconds);
  const parts = [Math.floor(whole / 60) % 60, whole % 60];
  const hours = Math.floor(whole / 3600);
  const [minutes, rest] = parts;
  return hours ? `${hours}:${pad(minutes)}:${pad(rest)}` : `${minutes}:${pad(rest)}`;
}

const pad = (number) => String(number).padStart(2, '0');

/** The name of a member as this channel knows it. */
export function nameOf(channel, userId) {
  return channel?.members.find((member) => member.user_id === userId)?.name ?? userId;
}

/** The name of a user as any of these channels knows it. */
export function nameIn(channels, userId) {
  const known = channels.find((channel) => channel.members.some((member) => member.user_id === userId));
  return nameOf(known, userId);
}

/** What a channel is called for `self`: the other's name, or everybody else's. */
export function titleOf(channel, self) {
  const others = channel.members.filter((member) => member.user_id !== self).map((member) => member.name);
  return others.length ? others.join(', ') : 'Just you';
}

/** Whose face stands for the channel: the other's in a DM, the group's own. */
export function faceOf(channel, self) {
  if (channel.kind === 'group') return channel.channel_id;
  return channel.members.find((member) => member.user_id !== self)?.user_id ?? self;
}

/**
 * The line that says how things stand in a channel.
 * @param {import('../calls/calls-client').CallsState} state
 * @param {object} channel
 * @param {number} now
 * @returns {{ phase: string, text: string }}
 */
export function statusOf(state, channel, now) {
  const id = channel.channel_id;
  const phase = phaseOf(state, id, now);
  return { phase, text: STATUS[phase](state, channel, now) };
}

const STATUS = {
  idle(state, channel) {
    if (isElsewhere(state, channel.channel_id)) return 'In call on another device';
    const inside = participants(state, channel.channel_id);
    if (inside.length > 0) return inside.length === 1 ? `${inside[0].username} is in a call` : `${inside.length} in a call`;
    return '';
  },
  outgoing_ringing: () => 'Calling…',
  incoming_ringing: (state, channel) => `${callerOf(state, channel)} is calling…`,
  connecting: () => 'Connecting…',
  connected(state, channel, now) {
    const seconds = elapsed(state, channel.channel_id, now);
    return seconds === null ? 'In call' : `In call • ${clock(seconds)}`;
  },
  reconnecting(state, channel, now) {
    const left = graceLeft(state, now);
    if (left === null) return 'Reconnecting…';
    return left > 0 ? `Reconnecting… ${left} s` : 'Connection lost. Still trying…';
  },
  ended: (state, channel) => endOf(state, channel),
};

/** Who called: the initiator's name. */
export function callerOf(state, channel) {
  const { call } = channelOf(state, channel.channel_id);
  const known = call?.voice_states.find((voice) => voice.user_id === call.started_by)?.username;
  return known ?? nameOf(channel, call?.started_by);
}

/** Why the call ended, and how long it was. */
export function endOf(state, channel) {
  const { ended } = channelOf(state, channel.channel_id);
  const reason = (END[ended.reason] ?? END.unknown)(state, channel);
  return ended.durationSecs == null ? reason : `${reason} • ${clock(ended.durationSecs)}`;
}

const isMine = (state, channel) => channelOf(state, channel.channel_id).call?.started_by === state.self?.userId;

const END = {
  cancelled: (state, channel) =>
    isMine(state, channel) ? 'Call cancelled' : `${callerOf(state, channel)} cancelled the call`,
  all_declined(state, channel) {
    const { call } = channelOf(state, channel.channel_id);
    if (call.declined_by.includes(state.self?.userId)) return 'You declined';
    return call.declined_by.length === 1 ? `${nameOf(channel, call.declined_by[0])} declined` : 'Everybody declined';
  },
  no_answer: (state, channel) =>
    isMine(state, channel) ? 'No answer' : `Missed call from ${callerOf(state, channel)}`,
  last_left(state, channel) {
    const { lastLeft } = channelOf(state, channel.channel_id);
    if (channel.kind !== 'direct' || !lastLeft || lastLeft.userId === state.self?.userId) return 'Call ended';
    const name = nameOf(channel, lastLeft.userId);
    return lastLeft.cause === 'disconnected' ? `${name} lost the connection` : `${name} hung up`;
  },
  ended_by_initiator: (state, channel) =>
    isMine(state, channel) ? 'Call ended for all' : `${callerOf(state, channel)} ended the call for all`,
  channel_deleted: () => 'The conversation was deleted',
  failed: () => 'The call was lost by the service',
  left: () => 'Call ended',
  hangup: () => 'Call ended',
  moved: () => 'Moved to another device',
  joined_elsewhere: () => 'Answered on another device',
  declined_elsewhere: () => 'Declined on another device',
  dismissed_elsewhere: () => 'Dismissed on another device',
  moved_on: () => 'You left for another call',
  removed: () => 'You were removed from this conversation',
  disconnected: () => 'You were away for too long',
  alone: () => 'You were alone in the call for a while',
  unknown: () => 'The call ended while you were away',
};

/** How far apart the words of comfort are while the connection is away. */
const COMFORT_MS = 5000;

const COMFORT = [
  'Reconnecting to the call.',
  'Still trying to reconnect.',
  'Still trying. The others may lose you in a moment.',
  'You may have been dropped from the call. Still trying.',
];

/** What is said at 0, 5, 10 and 15 s to one who has lost the connection in a call. */
export function comfortOf({ lostAt }, now) {
  const away = lostAt === null ? 0 : Math.min(now - lostAt, GRACE_MS);
  return COMFORT[Math.floor(away / COMFORT_MS)];
}

/** Why a call could not be made, where that has to do with whom one called; else null. */
export function refusalOf(error, channel, self) {
  return error.code === 'user_unavailable' && channel ? `${titleOf(channel, self)} is not available right now.` : null;
}
