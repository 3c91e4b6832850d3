// What a screen reader is told while a call takes its course. No timers in it: they would be read out every second.

import { GRACE_MS, channelOf, phaseOf } from '../calls/calls-client.js';
import { callerOf, endOf, titleOf } from './words.js';

/** How far apart the words of comfort are while the connection is away. */
const COMFORT_MS = 5000;

const COMFORT = [
  'Reconnecting to the call.',
  'Still trying to reconnect.',
  'Still trying. The others may lose you in a moment.',
  'You may have been dropped from the call. Still trying.',
];

/** The one thing worth saying now, or ''. */
export function announcement({ state, channels, now, user, lastCall }) {
  const id = state.current?.channelId ?? lastCall;
  const channel = channels.find((candidate) => candidate.channel_id === id);
  if (!channel) return '';
  const phase = phaseOf(state, id, now);
  const name = titleOf(channel, user.user_id);
  if (phase === 'ended') return channelOf(state, id).ended ? endOf(state, channel) : '';
  if (phase === 'outgoing_ringing') return `Calling ${name}.`;
  if (phase === 'connecting') return 'Connecting.';
  if (phase === 'connected') return `In call with ${name}.`;
  if (phase === 'reconnecting') return comfort(state, now);
  return phase === 'incoming_ringing' ? `${callerOf(state, channel)} is calling.` : '';
}

function comfort(state, now) {
  if (state.lostAt === null) return COMFORT[0];
  const away = Math.min(now - state.lostAt, GRACE_MS);
  return COMFORT[Math.floor(away / COMFORT_MS)];
}
