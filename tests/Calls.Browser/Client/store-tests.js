// The store's tests: events in, state out, by a clock of their own. Run in the browser by StoreTests.cs.

import { initialState, reduce } from './calls/call-store.js';
import {
  elapsed,
  graceLeft,
  isBlocked,
  isElsewhere,
  isLoud,
  missedIn,
  onScreen,
  ownVoice,
  participants,
  phaseOf,
  ringing,
} from './calls/call-phase.js';

export const tests = new Map();
const test = (sentence, run) => tests.set(sentence, run);

/** When every test begins; the service's clock is a minute ahead of this side's. */
const START = Date.parse('2026-01-01T12:00:00Z');
const AHEAD_MS = 60_000;

/** A device of a user with its store and a clock that only the test moves. */
class Device {
  constructor(userId, calls = [], remembered = null) {
    this.now = START;
    this.state = initialState();
    this.do('connection', { status: { state: 'connecting', reason: null } });
    this.comesBack(userId, calls, remembered);
  }

  do(type, action = {}) {
    this.state = reduce(this.state, { type, at: this.now, ...action });
    return this;
  }

  hears(type, message) {
    return this.do('server', { message: { type, channel_id: 'dm', call_id: 'c1', ...message } });
  }

  comesBack(userId, calls, remembered = null) {
    const server_time = new Date(this.now + AHEAD_MS).toISOString();
    const message = { type: 'ready', user_id: userId, device_id: 'd', server_time, calls, missed_calls: [] };
    return this.do('server', { message, remembered }).do('connection', { status: { state: 'open', reason: null } });
  }

  loses() {
    return this.do('connection', { status: { state: 'waiting', reason: 'lost' } });
  }

  after(ms) {
    this.now += ms;
    return this;
  }

  phase(channelId = 'dm') {
    return phaseOf(this.state, channelId, this.now);
  }

  get ended() {
    return this.state.channels.dm?.ended;
  }
}

const serverTime = (ms = 0) => new Date(START + AHEAD_MS + ms).toISOString();

const voice = (user, more = {}) => ({
  user_id: user,
  username: user,
  joined_at: serverTime(),
  connection: 'connected',
  muted: false,
  deafened: false,
  video: false,
  screen: false,
  ...more,
});

function call(participants, more = {}) {
  return {
    channel_id: 'dm',
    call_id: 'c1',
    version: participants.length,
    status: participants.length > 1 ? 'active' : 'ringing',
    media: 'audio',
    started_by: participants[0],
    started_at: serverTime(),
    answered_at: participants.length > 1 ? serverTime() : null,
    expires_at: null,
    target_users: [],
    declined_by: [],
    participants,
    voice_states: participants.map((user) => voice(user)),
    reason: null,
    duration_secs: null,
    ended_at: null,
    ...more,
  };
}

const START_OF_CALL = { version: 1, initiator: 'bob', initiator_name: 'Bob', media: 'audio', started_at: serverTime() };

function ringingDevice(more = {}) {
  return new Device('alice')
    .hears('call_started', START_OF_CALL)
    .hears('incoming_call', { ...START_OF_CALL, expires_at: serverTime(90_000), silent: false, ...more });
}

function deviceInCall() {
  return new Device('alice')
    .do('want', { channelId: 'dm', starts: false })
    .do('admitted', { channelId: 'dm', call: call(['bob', 'alice']) })
    .do('media', { channelId: 'dm', flows: true });
}

function equal(actual, expected, what = 'value') {
  const [a, b] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (a !== b) throw new Error(`${what} should be ${b}, but is ${a}`);
}

test('a caller rings, connects and talks', () => {
  const alice = new Device('alice').do('want', { channelId: 'dm', starts: true });
  equal(alice.phase(), 'outgoing_ringing');
  alice.do('admitted', { channelId: 'dm', call: call(['alice']) });
  equal(alice.phase(), 'outgoing_ringing');
  alice.hears('participant_joined', { version: 2, user_id: 'bob', username: 'Bob' });
  equal(alice.phase(), 'connecting');
  alice.do('media', { channelId: 'dm', flows: true });
  equal(alice.phase(), 'connected');
  equal(elapsed(alice.state, 'dm', alice.now + 65_000), 65);
});

test('the duration is counted by the service’s clock, not by this side’s', () => {
  const alice = deviceInCall();
  equal(elapsed(alice.state, 'dm', alice.now + 5_000), 5);
});

test('an incoming call rings until it is answered here', () => {
  const alice = ringingDevice();
  equal(alice.phase(), 'incoming_ringing');
  alice.do('want', { channelId: 'dm', starts: false });
  equal(alice.phase(), 'connecting');
  equal(ringing(alice.state, alice.now), []);
});

test('the ring is told before or after the start, it is the same call', () => {
  const alice = new Device('alice')
    .hears('incoming_call', { ...START_OF_CALL, expires_at: serverTime(90_000) })
    .hears('call_started', START_OF_CALL);
  equal(alice.phase(), 'incoming_ringing');
  equal(alice.state.channels.dm.stale, false);
});

test('a ring is on the screen for 30 seconds and in the sidebar as long as it rings', () => {
  const alice = ringingDevice().after(30_000);
  equal(onScreen(alice.state, alice.now), []);
  equal(ringing(alice.state, alice.now), ['dm']);
});

test('the reminder brings a ring back to the screen', () => {
  const alice = ringingDevice().after(45_000);
  equal(onScreen(alice.state, alice.now), []);
  alice.hears('incoming_call', { ...START_OF_CALL, expires_at: serverTime(90_000), reminder: true });
  equal(onScreen(alice.state, alice.now), ['dm']);
});

test('a quiet ring is seen and not heard, by the caller’s word or by one’s own settings', () => {
  equal(isLoud(ringingDevice().state, 'dm'), true);
  equal(isLoud(ringingDevice({ silent: true }).state, 'dm'), false);
  const settings = { notifications: 'quiet', blocked: ['carol'] };
  const alice = ringingDevice().do('settings', { settings });
  equal(isLoud(alice.state, 'dm'), false);
  equal(alice.phase(), 'incoming_ringing');
  equal(isBlocked(alice.state, 'carol'), true);
});

test('answered on another device, it rings here no more and says so for a moment', () => {
  for (const action of ['joined', 'declined', 'dismissed']) {
    const alice = ringingDevice().hears('call_answered_elsewhere', { version: 1, action });
    equal(ringing(alice.state, alice.now), []);
    equal(alice.phase(), 'ended');
    equal(alice.ended.reason, `${action}_elsewhere`);
    equal(alice.after(3_000).phase(), 'idle');
  }
});

test('it says so too when the others’ news of it came first', () => {
  const alice = ringingDevice()
    .hears('participant_joined', { version: 2, user_id: 'alice', username: 'Alice' })
    .hears('call_answered_elsewhere', { version: 2, action: 'joined' });
  equal(alice.ended.reason, 'joined_elsewhere');
});

test('declined on another device says more than that the call is over', () => {
  const alice = ringingDevice()
    .hears('call_declined', { version: 2, user_id: 'alice' })
    .hears('call_answered_elsewhere', { version: 2, action: 'declined' })
    .hears('call_ended', { version: 3, reason: 'all_declined', duration_secs: null, ended_at: serverTime() });
  equal(alice.ended.reason, 'declined_elsewhere');
});

test('a device that did not ring has nothing to say of an answer elsewhere', () => {
  const alice = new Device('alice').hears('call_answered_elsewhere', { version: 1, action: 'joined' });
  equal(alice.phase(), 'idle');
});

test('a ring that stops without an end rings no more, and the call goes on', () => {
  const alice = ringingDevice()
    .hears('participant_joined', { version: 2, user_id: 'carol', username: 'Carol' })
    .hears('ring_stopped', { version: 2, reason: 'timeout' });
  equal(alice.phase(), 'idle');
  equal(participants(alice.state, 'dm').length, 2);
});

test('a ring whose end was missed with the line stops at its deadline', () => {
  const alice = ringingDevice().loses().after(89_000);
  equal(ringing(alice.state, alice.now), ['dm']);
  alice.after(2_000);
  equal(ringing(alice.state, alice.now), []);
  equal(alice.phase(), 'idle');
});

test('a missed call is counted once, in its channel, until it was seen', () => {
  const missed = { version: 3, initiator: 'bob', initiator_name: 'Bob', media: 'audio', started_at: serverTime() };
  const alice = ringingDevice().hears('missed_call', missed).hears('missed_call', missed);
  equal(missedIn(alice.state, 'dm').map((call) => call.call_id), ['c1']);
  equal(missedIn(alice.state, 'other'), []);
  alice.do('seen', { callIds: ['c1'] });
  equal(alice.state.missed, []);
});

test('a call that never came through, for not being disturbed, is a missed call all the same', () => {
  const alice = new Device('alice').hears('missed_call', {
    call_id: 'c9',
    version: 0,
    initiator: 'bob',
    initiator_name: 'Bob',
    media: 'audio',
    started_at: serverTime(),
  });
  equal(missedIn(alice.state, 'dm').length, 1);
  equal(alice.phase(), 'idle');
});

test('out of a call that goes on elsewhere, this device says so', () => {
  const alice = deviceInCall().do('elsewhere', { channelId: 'dm' });
  equal(alice.state.current, null);
  equal(alice.ended.reason, 'moved');
});

test('in the call on another device, this one says so', () => {
  const alice = ringingDevice().hears('participant_joined', { version: 2, user_id: 'alice', username: 'Alice' });
  equal(isElsewhere(alice.state, 'dm'), true);
  equal(alice.phase(), 'idle');
});

test('a cancelled call shows why for three seconds', () => {
  const alice = ringingDevice()
    .hears('participant_left', { version: 2, user_id: 'bob', cause: 'hangup' })
    .hears('call_ended', { version: 3, reason: 'cancelled', duration_secs: null, ended_at: serverTime() });
  equal(alice.phase(), 'ended');
  equal(alice.ended.reason, 'cancelled');
  equal(alice.after(3_000).phase(), 'idle');
});

test('what is older than what is known is dropped', () => {
  const alice = deviceInCall()
    .hears('participant_updated', { version: 4, voice_state: voice('bob') })
    .do('call', { channelId: 'dm', call: call(['bob', 'alice'], { version: 5 }) })
    .hears('participant_left', { version: 4, user_id: 'bob', cause: 'hangup' })
    .do('call', { channelId: 'dm', call: call(['bob'], { version: 3 }) });
  equal(alice.state.channels.dm.call.participants, ['bob', 'alice']);
});

test('a step of more than one asks for the whole and changes nothing meanwhile', () => {
  const alice = deviceInCall().hears('participant_joined', { version: 4, user_id: 'carol', username: 'Carol' });
  equal(alice.state.channels.dm.stale, true);
  equal(alice.state.channels.dm.call.participants, ['bob', 'alice']);
  alice.do('call', { channelId: 'dm', call: call(['bob', 'alice', 'carol'], { version: 4 }) });
  equal(alice.state.channels.dm.stale, false);
});

test('a change of the connection alone comes with the version as it stands', () => {
  const alice = deviceInCall().hears('participant_updated', {
    version: 2,
    voice_state: voice('bob', { connection: 'reconnecting' }),
  });
  equal(participants(alice.state, 'dm')[0].connection, 'reconnecting');
});

test('the end of a call counts whatever was missed before it', () => {
  const alice = deviceInCall().hears('call_ended', { version: 9, reason: 'last_left', duration_secs: 12, ended_at: serverTime() });
  equal(alice.phase(), 'ended');
  equal(alice.ended.durationSecs, 12);
  equal(alice.state.current, null);
});

test('hanging up is felt at once, and the service corrects the duration', () => {
  const alice = deviceInCall().after(5_000).do('hangUp', { channelId: 'dm' });
  equal(alice.phase(), 'ended');
  equal(alice.ended.durationSecs, 5);
  alice
    .hears('participant_left', { version: 3, user_id: 'alice', cause: 'hangup' })
    .hears('call_ended', { version: 4, reason: 'last_left', duration_secs: 6, ended_at: serverTime() });
  equal(alice.ended.durationSecs, 6);
});

test('hung up, one is not in the call on another device while the service has not said so', () => {
  const alice = deviceInCall().do('hangUp', { channelId: 'dm' });
  equal(isElsewhere(alice.state, 'dm'), false);
});

test('an offer that comes after hanging up does not bring the call back', () => {
  const alice = deviceInCall().do('hangUp', { channelId: 'dm' }).hears('media_offer', {});
  equal(alice.state.current, null);
});

test('hung up before the service has said which call it is, it stays hung up', () => {
  const alice = new Device('alice').do('want', { channelId: 'dm', starts: true }).do('hangUp', { channelId: 'dm' });
  alice.hears('media_offer', {});
  equal(alice.state.current, null);
});

test('a lost line shows after a moment and counts down the grace', () => {
  const alice = deviceInCall().loses();
  equal(alice.phase(), 'connected');
  alice.after(3_000);
  equal(alice.phase(), 'reconnecting');
  equal(graceLeft(alice.state, alice.now), 12);
  alice.after(20_000);
  equal(graceLeft(alice.state, alice.now), 0);
  alice.comesBack('alice', [call(['bob', 'alice'])]);
  equal(alice.phase(), 'connected');
});

test('lost media is reconnecting without a countdown while the line is there', () => {
  const alice = deviceInCall().do('media', { channelId: 'dm', flows: false }).after(1_000);
  equal(alice.phase(), 'reconnecting');
  equal(graceLeft(alice.state, alice.now), null);
});

test('coming back too late, one is out of the call', () => {
  const alice = deviceInCall().loses().after(20_000).comesBack('alice', [call(['bob'], { status: 'active', version: 3 })]);
  equal(alice.state.current, null);
  equal(alice.ended.reason, 'disconnected');
});

test('a call that ended while away is asked about, and over when nobody knows it', () => {
  const alice = deviceInCall().loses().after(2_000).comesBack('alice', []);
  equal(alice.state.channels.dm.stale, true);
  alice.do('call', { channelId: 'dm', call: null });
  equal(alice.phase(), 'ended');
  equal(alice.state.current, null);
});

test('a reloaded page finds back into the call that its tab remembers, and into no other', () => {
  const running = [call(['bob', 'alice'])];
  equal(new Device('alice', running, 'c1').phase(), 'connecting');
  const other = new Device('alice', running, 'c0');
  equal(other.phase(), 'idle');
  equal(isElsewhere(other.state, 'dm'), true);
});

test('moved to another device, this one is out and says so', () => {
  const alice = deviceInCall().hears('call_answered_elsewhere', { version: 2, action: 'moved' });
  equal(alice.state.current, null);
  equal(alice.ended.reason, 'moved');
  equal(isElsewhere(alice.state, 'dm'), true);
});

test('removed from the conversation, one is out with that reason', () => {
  const alice = deviceInCall().hears('participant_left', { version: 3, user_id: 'alice', cause: 'removed' });
  equal(alice.ended.reason, 'removed');
});

test('muting shows at once and the service’s word counts in the end', () => {
  const alice = deviceInCall().do('voice', { muted: true });
  equal(ownVoice(alice.state).muted, true);
  alice.do('voiceSettled');
  equal(ownVoice(alice.state).muted, false);
  alice.hears('participant_updated', { version: 3, voice_state: voice('alice', { muted: true }) });
  equal(ownVoice(alice.state).muted, true);
});

test('a refused join leaves the call that one is in', () => {
  const alice = deviceInCall().do('want', { channelId: 'group', starts: false });
  equal(alice.state.current.channelId, 'group');
  alice.do('unwanted', { channelId: 'group' });
  equal(alice.state.current.channelId, 'dm');
  equal(alice.phase(), 'connected');
});

test('let into another call, one has left the first', () => {
  const alice = deviceInCall()
    .do('want', { channelId: 'group', starts: false })
    .do('admitted', { channelId: 'group', call: call(['carol', 'alice'], { channel_id: 'group', call_id: 'c2' }) });
  equal(alice.state.current.callId, 'c2');
  equal(alice.ended.reason, 'moved_on');
});

test('a new call in the channel takes the place of the ended one', () => {
  const alice = deviceInCall()
    .hears('call_ended', { version: 3, reason: 'last_left', duration_secs: 1, ended_at: serverTime() })
    .after(10)
    .hears('incoming_call', { ...START_OF_CALL, call_id: 'c2', started_at: serverTime(10), expires_at: serverTime(90_000) });
  equal(alice.phase(), 'incoming_ringing');
  alice.hears('call_ended', { version: 3, reason: 'last_left', duration_secs: 1, ended_at: serverTime() });
  equal(alice.phase(), 'incoming_ringing');
});

test('the state given is never changed in place', () => {
  const freeze = (value) => {
    if (value && typeof value === 'object' && !Object.isFrozen(value)) Object.values(Object.freeze(value)).forEach(freeze);
    return value;
  };
  const alice = deviceInCall();
  freeze(alice.state);
  alice
    .hears('participant_joined', { version: 3, user_id: 'carol', username: 'Carol' })
    .do('voice', { muted: true })
    .hears('call_declined', { version: 4, user_id: 'dave' })
    .do('hangUp', { channelId: 'dm' });
});
