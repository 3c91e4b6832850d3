// What a screen reader is told while a call takes its course. No timers in it: they would be read out every second.

import { channelOf, phaseOf } from '../calls/calls-client.js';
import { callerOf, comfortOf, endOf, titleOf } from './words.js';

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
  if (phase === 'reconnecting') return comfortOf(state, now);
  return phase === 'incoming_ringing' ? `${callerOf(state, channel)} is calling.` : '';
}
