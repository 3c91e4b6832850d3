// What is to be shown at a given moment: questions to the store's state. Pure; `now` is local milliseconds.

import { channelOf, isLeaving } from './call-store.js';
import { isLive } from './call-state.js';

/** How long the service lets a lost participant come back (its default). */
export const GRACE_MS = 15000;

/** How long the reason of the end stands. */
export const ENDED_SHOWN_MS = 3000;

/** How long a ring covers part of the page; the sidebar goes on showing it. */
export const BANNER_SHOWN_MS = 30000;

/** A gap shorter than this is not worth worrying anybody. */
const BLIP_MS = 700;

/**
 * @param {import('./calls-client').CallsState} state
 * @param {string} channelId
 * @param {number} now
 * @returns {'idle'|'outgoing_ringing'|'incoming_ringing'|'connecting'|'connected'|'reconnecting'|'ended'}
 */
export function phaseOf(state, channelId, now) {
  const { call, ring, ended } = channelOf(state, channelId);
  if (state.current?.channelId === channelId) return ownPhase(state, call, now);
  if (rings(state, { call, ring }, now)) return 'incoming_ringing';
  return ended && now - ended.at < ENDED_SHOWN_MS ? 'ended' : 'idle';
}

function ownPhase(state, call, now) {
  const { current } = state;
  if (current.wanted === 'start') return 'outgoing_ringing';
  if (current.wanted || !call) return 'connecting';
  if (lostFor(state, now) > BLIP_MS) return 'reconnecting';
  if (call.status === 'ringing') return 'outgoing_ringing';
  return current.media === 'connecting' ? 'connecting' : 'connected';
}

/** Milliseconds since the service or the media went away; 0 while both are there. */
export function lostFor(state, now) {
  const since = [state.lostAt, state.current?.mediaLostAt].filter((at) => at != null);
  return since.length ? now - Math.min(...since) : 0;
}

/** Seconds left to come back, or null while the service holds the place anyway (its line is open). */
export function graceLeft(state, now) {
  if (state.lostAt === null) return null;
  return Math.max(0, Math.ceil((GRACE_MS - (now - state.lostAt)) / 1000));
}

/** Seconds since the call was answered, by the service's clock; null before. */
export function elapsed(state, channelId, now) {
  const { call } = channelOf(state, channelId);
  if (!call?.answered_at) return null;
  return Math.max(0, Math.floor((now + state.clockOffset - Date.parse(call.answered_at)) / 1000));
}

/** Without a line to the service nobody tells that a ring has stopped; its deadline does. */
function rings(state, { call, ring }, now) {
  if (!ring || !isLive(call)) return false;
  if (state.lostAt === null || !ring.expiresAt) return true;
  return now + state.clockOffset < Date.parse(ring.expiresAt);
}

/** The channels that ring for this user, the newest first. */
export function ringing(state, now) {
  return Object.entries(state.channels)
    .filter(([, channel]) => rings(state, channel, now))
    .sort(([, a], [, b]) => b.ring.since - a.ring.since)
    .map(([channelId]) => channelId);
}

/** The channels whose ring still belongs on the screen. */
export function onScreen(state, now) {
  return ringing(state, now).filter((channelId) => now - channelOf(state, channelId).ring.since < BANNER_SHOWN_MS);
}

/** Whether the channel's ring may be heard: a quiet one is only seen. */
export function isLoud(state, channelId) {
  const { ring } = channelOf(state, channelId);
  return ring !== null && !ring.silent && (state.settings?.notifications ?? 'normal') === 'normal';
}

/** The missed calls in a channel that have not been seen, the newest first. */
export function missedIn(state, channelId) {
  return state.missed.filter((missed) => missed.channel_id === channelId);
}

/** Whether this user has blocked another; false as long as the settings have not been loaded. */
export function isBlocked(state, userId) {
  return state.settings?.blocked.includes(userId) ?? false;
}

/** The user is in the channel's call, but on another device. */
export function isElsewhere(state, channelId) {
  const channel = channelOf(state, channelId);
  const { call } = channel;
  if (!isLive(call) || state.current?.channelId === channelId) return false;
  // Hung up a moment ago, and the service has not said so yet.
  if (isLeaving(channel, call.call_id) && channel.ended?.reason !== 'moved') return false;
  return call.participants.includes(state.self?.userId);
}

/** This device's own voice: what was asked for, until the service has answered; then what the service says. */
export function ownVoice(state) {
  const { current, self } = state;
  if (!current) return { muted: false, deafened: false };
  const { call } = channelOf(state, current.channelId);
  const told = call?.voice_states.find((voice) => voice.user_id === self?.userId);
  return { muted: told?.muted ?? false, deafened: told?.deafened ?? false, ...current.voice };
}

/** Who is in the channel's call, in the order of joining. */
export function participants(state, channelId) {
  const { call } = channelOf(state, channelId);
  return isLive(call) ? call.voice_states : [];
}
