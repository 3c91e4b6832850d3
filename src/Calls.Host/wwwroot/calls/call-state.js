// One CALL of the protocol, and what each event makes of it. Pure: nothing is changed in place.

/** Events that the call's journal has: each raises the version by exactly one. */
const JOURNALED = new Set([
  'call_started',
  'participant_joined',
  'participant_left',
  'participant_updated',
  'call_declined',
  'call_ringing',
  'target_removed',
  'call_ended',
]);

/** Private to one user; they carry the version as it stands. */
const PRIVATE = new Set(['incoming_call', 'call_answered_elsewhere', 'ring_stopped', 'missed_call']);

export const isCallEvent = (event) => JOURNALED.has(event.type) || PRIVATE.has(event.type);

export const isLive = (call) => call != null && call.status !== 'ended';

/**
 * What an event makes of a call.
 * @param {import('./calls-client').Call | null} call what is known of the channel's call
 * @param {object} event an event that `isCallEvent`
 * @param {number} serverNow the service's time in ms, as well as this side knows it
 * @returns {{ call: import('./calls-client').Call | null, fresh: boolean, gap: boolean }}
 *   fresh: the event is news; gap: something before it was missed, so the whole must be asked for
 */
export function advance(call, event, serverNow) {
  if (call?.call_id !== event.call_id) return adopt(call, event, serverNow);
  if (PRIVATE.has(event.type)) return { call, fresh: true, gap: event.version > call.version };
  if (call.status === 'ended') return { call, fresh: false, gap: false };

  // A change of `connection` alone is not journaled and comes with the version as it stands.
  const step = event.version - call.version;
  const isNews = step > 0 || (step === 0 && event.type === 'participant_updated');
  if (!isNews) return { call, fresh: false, gap: false };
  // The end is the end, whatever was missed before it.
  if (step > 1 && event.type !== 'call_ended') return { call, fresh: false, gap: true };
  const changed = CHANGES[event.type](call, event, serverNow);
  return { call: { ...changed, version: event.version }, fresh: true, gap: false };
}

/** A call that was not known so far: a start or a ring tells enough to show it, anything else only that there is one. */
function adopt(call, event, serverNow) {
  const opens = event.type === 'call_started' || event.type === 'incoming_call';
  if (!opens) return { call, fresh: false, gap: !PRIVATE.has(event.type) && event.type !== 'call_ended' };
  if (isLive(call) && Date.parse(event.started_at) < Date.parse(call.started_at)) {
    return { call, fresh: false, gap: false };
  }
  return { call: begun(event, serverNow), fresh: true, gap: event.version > 1 };
}

function begun(event, serverNow) {
  return {
    channel_id: event.channel_id,
    call_id: event.call_id,
    version: event.version,
    status: 'ringing',
    media: event.media ?? 'audio',
    started_by: event.initiator,
    started_at: event.started_at ?? iso(serverNow),
    answered_at: null,
    expires_at: event.expires_at ?? null,
    target_users: [],
    declined_by: [],
    participants: [event.initiator],
    voice_states: [newcomer(event.initiator, event.initiator_name, event.started_at ?? iso(serverNow))],
    reason: null,
    duration_secs: null,
    ended_at: null,
  };
}

const CHANGES = {
  call_started: (call) => call,

  participant_joined: (call, event, serverNow) => ({
    ...call,
    status: 'active',
    // The journal's time comes with the next whole CALL; until then the moment of hearing it stands in.
    answered_at: call.answered_at ?? iso(serverNow),
    participants: [...without(call.participants, [event.user_id]), event.user_id],
    voice_states: [
      ...call.voice_states.filter((voice) => voice.user_id !== event.user_id),
      newcomer(event.user_id, event.username, iso(serverNow)),
    ],
  }),

  participant_left: (call, event) => ({
    ...call,
    participants: without(call.participants, [event.user_id]),
    voice_states: call.voice_states.filter((voice) => voice.user_id !== event.user_id),
  }),

  participant_updated: (call, event) => ({
    ...call,
    voice_states: call.voice_states.map((voice) =>
      voice.user_id === event.voice_state.user_id ? event.voice_state : voice,
    ),
  }),

  call_declined: (call, event) => ({
    ...call,
    declined_by: [...without(call.declined_by, [event.user_id]), event.user_id],
  }),

  call_ringing: (call, event) => ({
    ...call,
    target_users: event.target_users,
    declined_by: without(call.declined_by, event.user_ids),
  }),

  target_removed: (call, event) => ({
    ...call,
    target_users: without(call.target_users, [event.user_id]),
    declined_by: without(call.declined_by, [event.user_id]),
  }),

  call_ended: (call, event) => ({
    ...call,
    status: 'ended',
    reason: event.reason,
    duration_secs: event.duration_secs,
    ended_at: event.ended_at,
    expires_at: null,
  }),
};

/**
 * The newer of what is known and a whole CALL from an answer. At the same version the whole one wins: it has
 * what events do not tell, such as the journal's times.
 */
export function newer(known, whole) {
  if (!known || known.call_id === whole.call_id) return !known || whole.version >= known.version ? whole : known;
  return isLive(known) && Date.parse(whole.started_at) < Date.parse(known.started_at) ? known : whole;
}

const newcomer = (userId, name, joinedAt) => ({
  user_id: userId,
  username: name ?? userId,
  joined_at: joinedAt,
  connection: 'connecting',
  muted: false,
  deafened: false,
  video: false,
  screen: false,
});

const without = (list, gone) => list.filter((item) => !gone.includes(item));

const iso = (ms) => new Date(ms).toISOString();
