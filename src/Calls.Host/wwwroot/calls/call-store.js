// The client's state: what is live in each channel, and this device's own place in it.
//
// Pure: `reduce(state, action)` gives the next state and touches nothing else. Time comes in with the action
// (`at`, local milliseconds). What to show at a given moment is asked of `call-phase.js`.

import { advance, isCallEvent, isLive, newer } from './call-state.js';

/** @returns {import('./calls-client').CallsState} */
export const initialState = () => ({
  self: null,
  connection: { state: 'closed', reason: null },
  lostAt: null,
  clockOffset: 0,
  channels: {},
  current: null,
  missed: [],
  settings: null,
  speakers: null,
});

/**
 * @param {import('./calls-client').CallsState} state
 * @param {object} action see ACTIONS
 * @returns {import('./calls-client').CallsState}
 */
export function reduce(state, action) {
  return ACTIONS[action.type](state, action);
}

const ACTIONS = {
  /** The line to the service changed: { status }. */
  connection(state, { status, at }) {
    if (status.state === 'open') return { ...state, connection: status, lostAt: null };
    return { ...state, connection: status, lostAt: state.lostAt ?? at };
  },

  /** The service told something by itself: { message, remembered? }. */
  server(state, { message, at, remembered }) {
    if (message.type === 'ready') return onReady(state, message, at, remembered);
    if (message.type === 'media_offer') return onOffer(state, message);
    if (message.type === 'active_speakers') return onSpeakers(state, message);
    return isCallEvent(message) ? onCallEvent(state, message, at) : state;
  },

  /** A whole CALL came with an answer, or null from `call_get`: { channelId, call }. */
  call(state, { channelId, call, at }) {
    const channel = channelOf(state, channelId);
    if (!call) {
      const vanished = isLive(channel.call) ? { ...channel.call, status: 'ended' } : channel.call;
      return settle(withChannel(state, channelId, { call: vanished, stale: false, ring: null }), channelId, at);
    }
    return settle(withChannel(state, channelId, { call: newer(channel.call, call), stale: false }), channelId, at);
  },

  /** The person wants in: { channelId, starts }. The call they are in stays theirs until they are let into the new one. */
  want(state, { channelId, starts }) {
    const previous = state.current?.channelId === channelId ? null : state.current;
    const next = withChannel(state, channelId, { ended: null, ring: null, rang: null, leaving: null });
    return { ...next, current: newPlace(channelId, { wanted: starts ? 'start' : 'join', previous }) };
  },

  /** The service let this device in: { channelId, call }. */
  admitted(state, { channelId, call, at }) {
    const known = ACTIONS.call(state, { channelId, call, at });
    if (known.current?.channelId !== channelId) return known;
    const { previous } = known.current;
    const next = previous ? { ...leave({ ...known, current: previous }, 'moved_on', at), current: known.current } : known;
    const current = { ...next.current, callId: call.call_id, wanted: null, previous: null };
    return settle({ ...next, current, speakers: null }, channelId, at);
  },

  /** The service did not: { channelId }. A refusal leaves the other call as it was. */
  unwanted(state, { channelId, at }) {
    if (state.current?.channelId !== channelId) return state;
    const { previous } = state.current;
    const next = { ...state, current: previous ?? null };
    return previous ? settle(next, previous.channelId, at) : next;
  },

  /** The person hangs up; the service is told meanwhile: { channelId }. */
  hangUp(state, { channelId, at }) {
    if (state.current?.channelId !== channelId) return state;
    return { ...leave(state, 'left', at), current: state.current.previous };
  },

  /** The person answered the ring in one way or another: { channelId }. */
  quiet(state, { channelId }) {
    return withChannel(state, channelId, { ring: null, rang: null });
  },

  /** What this device's own voice shall be, ahead of the service's word: { muted?, deafened? }. */
  voice(state, { type, at, ...voice }) {
    if (!state.current) return state;
    return { ...state, current: { ...state.current, voice: { ...state.current.voice, ...voice } } };
  },

  /** The service has answered about the voice: from here on its word counts again. */
  voiceSettled(state) {
    return state.current ? { ...state, current: { ...state.current, voice: {} } } : state;
  },

  /** The sound of the present call flows, or does not any more: { channelId, flows }. */
  media(state, { channelId, flows, at }) {
    const { current } = state;
    if (current?.channelId !== channelId) return state;
    if (flows) return { ...state, current: { ...current, media: 'connected', mediaLostAt: null } };
    if (current.media !== 'connected') return state;
    return { ...state, current: { ...current, media: 'lost', mediaLostAt: at } };
  },

  /** Another device has this device's place in the call: { channelId }. */
  elsewhere(state, { channelId, at }) {
    return state.current?.channelId === channelId ? leave(state, 'moved', at) : state;
  },

  /** These missed calls were seen: { callIds }. */
  seen(state, { callIds }) {
    return { ...state, missed: state.missed.filter((missed) => !callIds.includes(missed.call_id)) };
  },

  /** The unseen missed calls: { missed }. */
  missed(state, { missed }) {
    return { ...state, missed: missed.toSorted((a, b) => Date.parse(b.started_at) - Date.parse(a.started_at)) };
  },

  /** The user's settings as the service has them: { settings }. */
  settings(state, { settings }) {
    return { ...state, settings };
  },
};

/** Resuming: the state comes whole. What lived before and is not told any more has ended meanwhile. */
function onReady(state, message, at, remembered) {
  let next = {
    ...state,
    self: { userId: message.user_id, deviceId: message.device_id },
    clockOffset: Date.parse(message.server_time) - at,
    missed: message.missed_calls ?? [],
  };
  const told = new Set(message.calls.map((call) => call.channel_id));
  for (const [channelId, channel] of Object.entries(next.channels)) {
    // An ended call stays readable for a moment, so the reason may still be had: the client asks.
    if (!told.has(channelId)) next = withChannel(next, channelId, { ring: null, stale: isLive(channel.call) });
  }
  for (const { ringing, ...call } of message.calls) {
    const { ring } = channelOf(next, call.channel_id);
    const kept = ring?.callId === call.call_id ? ring : newRing(call, at);
    next = withChannel(next, call.channel_id, {
      call,
      stale: false,
      ring: ringing ? kept : null,
      rang: ringing ? call.call_id : null,
    });
    if (!next.current && remembered === call.call_id && isMember(next, call)) {
      next = { ...next, current: newPlace(call.channel_id, { callId: call.call_id, returning: true }) };
    }
    next = settle(next, call.channel_id, at);
  }
  return next;
}

/** An offer goes only to the device that holds the participant's session: so this one does. */
function onOffer(state, { channel_id: channelId, call_id: callId }) {
  const { current } = state;
  if (isLeaving(channelOf(state, channelId), callId)) return state;
  if (current?.channelId === channelId) return { ...state, current: { ...current, callId, returning: false } };
  return current ? state : { ...state, current: newPlace(channelId, { callId }) };
}

function onSpeakers(state, { call_id: callId, speakers }) {
  return state.current?.callId === callId ? { ...state, speakers } : state;
}

function onCallEvent(state, event, at) {
  const { channel_id: channelId, call_id: callId } = event;
  const channel = channelOf(state, channelId);
  const { call, fresh, gap } = advance(channel.call, event, at + state.clockOffset);
  let next = withChannel(state, channelId, { call, stale: channel.stale || gap });
  if (event.type === 'missed_call') return onMissed(next, event);
  if (!fresh) return next;

  if (event.type === 'incoming_call') {
    const ring = { ...newRing(event, at), silent: event.silent ?? false, reminder: event.reminder ?? false };
    next = withChannel(next, channelId, { ring, rang: callId, ended: null });
  }
  if (event.type === 'ring_stopped') next = withChannel(next, channelId, { ring: null });
  if (event.type === 'call_answered_elsewhere') {
    next = withChannel(next, channelId, { ring: null });
    if (channel.rang === callId && event.action !== 'moved') {
      next = withChannel(next, channelId, { rang: null, ended: answeredElsewhere(event, at) });
    }
    if (event.action === 'moved' && state.current?.callId === callId) return leave(next, 'moved', at);
  }
  if (event.type === 'participant_left') {
    next = withChannel(next, channelId, { lastLeft: { userId: event.user_id, cause: event.cause } });
    const isMe = event.user_id === state.self?.userId;
    if (isMe && state.current?.callId === callId) return leave(next, event.cause, at);
  }
  return settle(next, channelId, at);
}

/** Told once by each of the ways there are, it is one missed call all the same. */
function onMissed(state, { call_id, channel_id, initiator, initiator_name, media, started_at }) {
  const others = state.missed.filter((missed) => missed.call_id !== call_id);
  return { ...state, missed: [{ call_id, channel_id, initiator, initiator_name, media, started_at, seen: false }, ...others] };
}

const newRing = ({ call_id: callId, expires_at: expiresAt }, at) => ({
  callId,
  since: at,
  silent: false,
  reminder: false,
  expiresAt: expiresAt ?? null,
});

const answeredElsewhere = ({ call_id: callId, action }, at) => ({
  callId,
  reason: `${action}_elsewhere`,
  durationSecs: null,
  at,
});

/** Brings ring, own place and the note of the end into line with the channel's call. */
function settle(state, channelId, at) {
  const channel = channelOf(state, channelId);
  const { call } = channel;
  let next = state;
  const { current } = state;
  const isMine = current?.channelId === channelId && current.callId !== null && current.callId === call?.call_id;

  if (channel.ring && (!isLive(call) || channel.ring.callId !== call.call_id || isMember(state, call))) {
    next = withChannel(next, channelId, { ring: null });
  }
  if (!isLive(call)) {
    if (isMine) next = { ...next, current: null, speakers: null };
    if (call && channel.endedId !== call.call_id) {
      next = withChannel(next, channelId, {
        endedId: call.call_id,
        leaving: null,
        ended: isSaid(channel, call) ? channel.ended : endOf(call, at),
      });
    }
    return next;
  }
  if (isMember(state, call)) return next;
  if (isMine && !current.wanted) return leave(next, 'disconnected', at);
  return channel.leaving === call.call_id ? withChannel(next, channelId, { leaving: null }) : next;
}

const endOf = ({ call_id: callId, reason, duration_secs: durationSecs }, at) => ({ callId, reason, durationSecs, at });

/** That the user declined on another device says more than that the call has ended by it. */
const isSaid = ({ ended }, call) =>
  ended?.callId === call.call_id && ended.reason === 'declined_elsewhere' && call.reason === 'all_declined';

/** This device is out of the call it was in; `why` is a departure's cause or the client's own word for it. */
function leave(state, why, at) {
  const { channelId, callId } = state.current;
  const { call } = channelOf(state, channelId);
  const durationSecs = call?.answered_at ? Math.max(0, at + state.clockOffset - Date.parse(call.answered_at)) / 1000 : null;
  const ended = { callId, reason: why, durationSecs, at };
  return { ...withChannel(state, channelId, { ended, leaving: callId ?? ANY_CALL }), current: null, speakers: null };
}

/** Hung up before the service said which call it is: whichever it will be. */
const ANY_CALL = '*';

/** This device has left the call, whatever an answer that is still under way says. */
export const isLeaving = (channel, callId) => channel.leaving === callId || channel.leaving === ANY_CALL;

const newPlace = (channelId, details) => ({
  channelId,
  callId: null,
  wanted: null,
  returning: false,
  previous: null,
  media: 'connecting',
  mediaLostAt: null,
  voice: {},
  ...details,
});

const NO_CHANNEL = {
  call: null,
  ring: null,
  rang: null,
  ended: null,
  endedId: null,
  leaving: null,
  lastLeft: null,
  stale: false,
};

/** @returns {import('./calls-client').ChannelState} */
export const channelOf = (state, channelId) => state.channels[channelId] ?? NO_CHANNEL;

const withChannel = (state, channelId, change) => ({
  ...state,
  channels: { ...state.channels, [channelId]: { ...channelOf(state, channelId), ...change } },
});

const isMember = (state, call) => call.participants.includes(state.self?.userId);
