// Calls in any web app: sign in, ring, join, talk.
//
//   import { CallsClient } from './calls/calls-client.js';
//   const calls = new CallsClient({ getToken: async () => myToken });
//   calls.addEventListener('change', () => draw(calls.state));
//   calls.connect();
//   await calls.start('dm-alice-bob');
//
// `state` is what is so (call-store.js), `call-phase.js` says what to show of it at a given moment.
// The types stand in calls-client.d.ts.

import { initialState, reduce } from './call-store.js';
import { GRACE_MS, missedIn, ownVoice } from './call-phase.js';
import { Connection } from './connection.js';
import { CallError } from './errors.js';
import { Media } from './media.js';
import { Microphone, askBrowser } from './microphone.js';
import { Playback } from './playback.js';
import { Records } from './records.js';
import { Rest } from './rest.js';

export { CallError, describeClose, describeError } from './errors.js';
export * from './call-phase.js';
export { channelOf } from './call-store.js';
export { isLive } from './call-state.js';

/** Where a tab remembers the call it is in, so that it finds back after a reload. */
const CURRENT_KEY = 'calls.current';

/** The most that the service gives in one page. */
const MOST_MISSED = 100;

/** Where a tab keeps the id of the device it is. */
const DEVICE_KEY = 'calls.device';

/**
 * One device of one user.
 *
 * Events: `change` (the state is another), `notice` (detail: a CallError that no request of the app's brought about).
 */
export class CallsClient extends EventTarget {
  #state = initialState();
  #tabStorage;
  #connection;
  #records;
  #microphone;
  #playback;
  #media;
  /** Channels whose CALL is being asked for. */
  #fetching = new Set();
  #isSyncing = false;
  #isDropped = false;
  /** Whether one was muted before deafening, which mutes, too. */
  #mutedBefore;

  /** @param {import('./calls-client').ClientOptions} options */
  constructor({ getToken, url = defaultUrl(), deviceId, storage = localStorage, tabStorage = sessionStorage }) {
    super();
    this.#tabStorage = tabStorage;
    this.#connection = new Connection({ url, getToken, deviceId: deviceId ?? tabDevice(tabStorage) });
    this.#records = new Records(new Rest({ base: restBase(url), getToken }));
    this.#microphone = new Microphone((constraints) => this.getMicrophone(constraints), storage);
    this.#playback = new Playback(storage);
    this.#media = new Media({
      connection: this.#connection,
      microphone: this.#microphone,
      playback: this.#playback,
      place: () => this.#state.current,
      self: () => this.#state.self,
    });
    this.#listen();
  }

  /** What is so. Never changed in place: after each `change` it is another object. */
  get state() {
    return this.#state;
  }

  /** The microphone: which one was chosen ('' is the system's default), what it gives, or why there is none. */
  get microphone() {
    const { choice, track, error } = this.#microphone;
    return { choice, track, error };
  }

  /** The loudspeaker that was chosen last; '' is the system's default. */
  get speaker() {
    return { choice: this.#playback.choice };
  }

  /** The browser's autoplay policy wants a click (and then `resumePlayback`) before anything is heard. */
  get isPlaybackBlocked() {
    return this.#playback.isBlocked;
  }

  /** The peer connection of the present media session, for an app's own statistics; null outside calls. */
  get peerConnection() {
    return this.#media.session?.peer ?? null;
  }

  /** Signs in and stays connected until `close`. */
  connect() {
    this.#connection.open();
  }

  /** Gives everything up: the line, the media, the microphone. A call goes on without this device after its grace. */
  close() {
    this.#connection.close();
    this.#media.close();
    this.#microphone.close();
  }

  /** The network may have changed: do not wait for the next try. */
  nudge() {
    this.#connection.nudge();
  }

  /** Opens the microphone; an app may put its own way of getting one here. */
  async getMicrophone(constraints) {
    return askBrowser(constraints);
  }

  /** Calls the channel's other members; joins if a call is live there already (both called at once). */
  start(channelId) {
    return this.#enter('call_start', channelId);
  }

  /** Joins the channel's live call, or moves it here from another device. */
  join(channelId) {
    return this.#enter('call_join', channelId);
  }

  /** Says no: the caller is told. */
  decline(channelId) {
    return this.#answerRing('call_decline', channelId);
  }

  /** Stops the ringing on all of this user's devices and tells nobody. */
  dismiss(channelId) {
    return this.#answerRing('call_dismiss', channelId);
  }

  /** Leaves the call this device is in. Felt at once; the service is told meanwhile. */
  async hangUp() {
    const { current } = this.#state;
    if (!current) return;
    this.#dispatch({ type: 'hangUp', channelId: current.channelId });
    // Not let in yet: `#enter` leaves as soon as it is.
    if (!current.wanted) await this.#leave(current.channelId);
  }

  /** Ends the channel's call for everybody; the initiator's right. */
  async end(channelId) {
    await this.#change('call_end', channelId);
  }

  /** Rings again those who are not in the call: all of them, or these. */
  async ring(channelId, userIds) {
    await this.#change('call_ring', channelId, userIds && { user_ids: userIds });
  }

  /** Unmuting opens the microphone if there was none so far, and lets one hear again, too. */
  async setMuted(muted) {
    if (!muted && this.#state.current) await this.#microphone.open();
    await this.#speak(muted ? { muted } : { muted, deafened: false });
  }

  /** Whoever hears nothing is not heard either, as people know it from other apps. */
  async setDeafened(deafened) {
    const { muted } = ownVoice(this.#state);
    if (deafened) this.#mutedBefore = muted;
    await this.#speak({ deafened, muted: deafened || (this.#mutedBefore ?? muted) });
  }

  /**
   * The missed calls have been seen: the channel's, or all. Gone from `state.missed` at once, and for the user's
   * other devices when they come back or ask.
   */
  async markSeen(channelId) {
    const unseen = channelId === undefined ? this.#state.missed : missedIn(this.#state, channelId);
    const seen = unseen.map((call) => call.call_id);
    if (seen.length === 0) return;
    this.#dispatch({ type: 'seen', callIds: seen });
    try {
      const left = await this.#records.see(seen);
      // `ready` tells the latest 50 only; and another device may have seen some.
      if (left !== this.#state.missed.length) await this.#countMissed();
    } catch (error) {
      this.#dispatch({ type: 'missed', missed: [...this.#state.missed, ...unseen] });
      throw error;
    }
  }

  /** The user's missed calls, seen or not, the newest first: a page of them. */
  missedCalls(page) {
    return this.#records.missed(page);
  }

  /** The user's ended calls in all channels, the newest first. */
  callHistory(page) {
    return this.#records.ofUser(page);
  }

  /** The ended calls of a channel, the newest first. */
  channelHistory(channelId, page) {
    return this.#records.ofChannel(channelId, page);
  }

  /** Gets the settings about being called; from then on they stand in `state.settings`. */
  async loadSettings() {
    return this.#keep(await this.#records.settings());
  }

  /** Whether others' calls ring aloud, show quietly, or do not come through at all. */
  setNotifications(notifications) {
    return this.#changeSettings(() => ({ notifications }));
  }

  /** The user's calls do not come through any more, and they are not told why. */
  block(userId) {
    return this.#changeSettings(({ blocked }) => ({ blocked: [...new Set([...blocked, userId])] }));
  }

  unblock(userId) {
    return this.#changeSettings(({ blocked }) => ({ blocked: blocked.filter((other) => other !== userId) }));
  }

  /** @returns {Promise<{ id: string, label: string }[]>} */
  microphones() {
    return this.#microphone.list();
  }

  /** Another microphone, now and in later calls; '' is the system's default. */
  setMicrophone(deviceId) {
    return this.#microphone.choose(deviceId);
  }

  /** The loudspeakers; none where the browser leaves the choice to the system. */
  speakers() {
    return this.#playback.list();
  }

  /** Another loudspeaker, now and in later calls; '' is the system's default. */
  setSpeaker(deviceId) {
    return this.#playback.choose(deviceId);
  }

  /** To be called from a click when `isPlaybackBlocked`. */
  resumePlayback() {
    this.#playback.resume();
  }

  /** What one hears of a user. @returns {MediaStream | null} */
  remoteStream(userId) {
    return this.#playback.stream(userId);
  }

  /** How loud each remote user is just now, 0 to 1. @returns {Map<string, number>} */
  remoteLevels() {
    return this.#media.session?.levels() ?? new Map();
  }

  /** Packets sent and received of each user, loss, jitter, round trip. */
  mediaStats() {
    return this.#media.stats();
  }

  #listen() {
    this.#connection.addEventListener('status', ({ detail }) => this.#statusChanged(detail));
    this.#connection.addEventListener('message', ({ detail }) => this.#told(detail));
    this.#media.addEventListener('flows', () => this.#mediaFlows(true));
    this.#media.addEventListener('interrupted', () => this.#mediaFlows(false));
    this.#media.addEventListener('taken', ({ detail }) => this.#lostPlace(detail));
    this.#media.addEventListener('elsewhere', ({ detail }) => this.#dispatch({ type: 'elsewhere', channelId: detail.channelId }));
    this.#media.addEventListener('trouble', ({ detail }) => this.#notice(detail));
    this.#microphone.addEventListener('failed', () => this.#microphoneFailed());
    this.#playback.addEventListener('blocked', () => this.dispatchEvent(new Event('change')));
    this.#playback.addEventListener('playing', () => this.dispatchEvent(new Event('change')));
  }

  #statusChanged(status) {
    const { lostAt } = this.#state;
    this.#dispatch({ type: 'connection', status });
    const awayMs = lostAt === null ? 0 : Date.now() - lostAt;
    if (status.state === 'open') this.#media.resume({ awayMs, graceMs: GRACE_MS });
  }

  #told(message) {
    this.#dispatch({ type: 'server', message, remembered: this.#tabStorage.getItem(CURRENT_KEY) });
    if (message.type === 'media_offer') this.#media.answer(message);
  }

  async #enter(type, channelId) {
    this.#dispatch({ type: 'want', channelId, starts: type === 'call_start' });
    this.#microphone.open().catch(() => {});
    try {
      const { call } = await this.#command(type, channelId);
      this.#dispatch({ type: 'admitted', channelId, call });
    } catch (error) {
      return this.#notAdmitted(channelId, error);
    }
    // Hung up meanwhile: out again.
    if (this.#state.current?.channelId !== channelId) return this.#leave(channelId);
    this.#media.expect();
    return this.#syncVoice();
  }

  #notAdmitted(channelId, error) {
    if (error.call) this.#dispatch({ type: 'call', channelId, call: error.call });
    const stillWanted = this.#state.current?.channelId === channelId;
    if (error.code === 'call_already_exists' && stillWanted) return this.#enter('call_join', channelId);
    this.#dispatch({ type: 'unwanted', channelId });
    if (stillWanted) throw error;
    return undefined;
  }

  async #leave(channelId) {
    try {
      await this.#change('call_leave', channelId);
    } catch (error) {
      if (!error.isOver) throw error;
    }
  }

  async #answerRing(type, channelId) {
    this.#dispatch({ type: 'quiet', channelId });
    try {
      await this.#change(type, channelId);
    } catch (error) {
      if (!error.isOver) throw error;
    }
  }

  async #change(type, channelId, fields) {
    const { call } = await this.#command(type, channelId, fields);
    this.#dispatch({ type: 'call', channelId, call });
  }

  #command(type, channelId, fields) {
    return this.#connection.request(type, { channel_id: channelId, ...fields }, { repeat: true });
  }

  #dispatch(action) {
    this.#state = reduce(this.#state, { at: Date.now(), ...action });
    this.#follow();
    this.dispatchEvent(new Event('change'));
  }

  /** Brings everything outside the store into line with it. */
  #follow() {
    const { current, channels } = this.#state;
    if (current?.callId) this.#tabStorage.setItem(CURRENT_KEY, current.callId);
    else if (!current && this.#state.self) this.#tabStorage.removeItem(CURRENT_KEY);
    if (!current && !this.#isDropped) {
      this.#media.close();
      this.#microphone.close();
      this.#mutedBefore = undefined;
    }
    this.#isDropped = !current;
    const voice = ownVoice(this.#state);
    this.#microphone.mute(voice.muted);
    this.#playback.silence(voice.deafened);
    for (const [channelId, { stale }] of Object.entries(channels)) if (stale) this.#fetchCall(channelId);
  }

  /** Something was missed: the whole is asked for. */
  async #fetchCall(channelId) {
    if (this.#fetching.has(channelId)) return;
    this.#fetching.add(channelId);
    try {
      const { call } = await this.#connection.request('call_get', { channel_id: channelId });
      this.#fetching.delete(channelId);
      this.#dispatch({ type: 'call', channelId, call });
    } catch (error) {
      this.#fetching.delete(channelId);
      // Lost with the connection: the next `ready` tells the whole anyway.
      if (!error.isTransient) this.#dispatch({ type: 'call', channelId, call: null });
    }
  }

  async #changeSettings(how) {
    return this.#keep(await this.#records.change(how));
  }

  #keep(settings) {
    this.#dispatch({ type: 'settings', settings });
    return settings;
  }

  async #countMissed() {
    const { calls } = await this.#records.missed({ limit: MOST_MISSED });
    this.#dispatch({ type: 'missed', missed: calls.filter((call) => !call.seen) });
  }

  #mediaFlows(flows) {
    const { current } = this.#state;
    if (current) this.#dispatch({ type: 'media', channelId: current.channelId, flows });
  }

  /** It was not this device's call any more: the whole state says whose it is. */
  async #lostPlace({ channelId, returning }) {
    if (returning) this.#dispatch({ type: 'unwanted', channelId });
    await this.#fetchCall(channelId);
  }

  /** In the call without a voice: shown as muted, so that nobody waits for words. */
  #microphoneFailed() {
    if (!this.#state.current || this.#microphone.track) return;
    this.#notice(this.microphone.error);
    this.#speak({ muted: true }).catch((refused) => this.#notice(refused));
  }

  async #speak(voice) {
    if (!this.#state.current) return;
    this.#dispatch({ type: 'voice', ...voice });
    await this.#syncVoice();
  }

  /** Tells the service the wanted voice state, once more if it was changed while the answer was under way. */
  async #syncVoice() {
    if (this.#isSyncing) return;
    this.#isSyncing = true;
    try {
      for (let wanted = this.#wantedVoice(); wanted; wanted = this.#wantedVoice()) {
        await this.#change('voice_state', this.#state.current.channelId, wanted);
        if (wanted === this.#state.current?.voice) this.#dispatch({ type: 'voiceSettled' });
      }
    } catch (error) {
      this.#dispatch({ type: 'voiceSettled' });
      if (!error.isOver) throw error;
    } finally {
      this.#isSyncing = false;
    }
  }

  #wantedVoice() {
    const { current } = this.#state;
    if (!current || current.wanted || Object.keys(current.voice).length === 0) return null;
    return current.voice;
  }

  #notice(error) {
    this.dispatchEvent(new CustomEvent('notice', { detail: error }));
  }
}

function defaultUrl() {
  return new URL('/ws', location.href.replace(/^http/, 'ws')).href;
}

/** REST stands beside the WebSocket: `wss://calls.example/x/ws` → `https://calls.example/x/`. */
function restBase(url) {
  return new URL('.', url.replace(/^ws/, 'http')).href;
}

/** A tab keeps its device id over a reload; another tab is another device. */
function tabDevice(tabStorage) {
  const kept = tabStorage.getItem(DEVICE_KEY) ?? `web-${crypto.randomUUID()}`;
  tabStorage.setItem(DEVICE_KEY, kept);
  return kept;
}
