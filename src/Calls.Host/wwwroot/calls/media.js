// The media of the call this device is in: the session that plays, and the one that is about to take over.

import { Backoff } from './backoff.js';
import { CallError } from './errors.js';
import { MediaSession } from './media-session.js';

/** After a reconnect the service offers media by itself if it knows that it is gone; this long it has for that. */
const OWN_OFFER_MS = 2000;

/** Media counts as gone 5 s after its last packet at the latest, and is offered then: nothing comes after this any more. */
const LATEST_OFFER_MS = 8000;

/** An offer follows its call within milliseconds; after this long it is taken to be lost. */
const LOST_OFFER_MS = 5000;

/** An answer that did not get through is sent again so often: without it the service offers nothing any more. */
const ANSWER_TRIES = 3;

/** Enough for a microphone that is allowed already; a person who is still being asked is not waited for. */
const HEAD_START_MS = 1000;

/** When a new session has taken over, the old one lives on so long: others may still speak and listen there only. */
const HANDOVER_MS = 2000;

/** So many new sessions in a row without sound are worth a word. */
const WORRYING_RESTARTS = 3;

/**
 * Answers offers, and asks for a new session when one has failed. A new session takes over only when it is connected,
 * or when the old one is dead anyway: while a call moves to another node the old media flows on until the new one does.
 *
 * Events: `flows`, `interrupted`, `trouble` (detail: a CallError), and what tells that the place in the call (detail)
 * is not this device's any more: `taken` (the service refused it media), `elsewhere` (it offers none).
 */
export class Media extends EventTarget {
  /**
   * @param {object} options
   * @param {import('./connection.js').Connection} options.connection
   * @param {import('./microphone.js').Microphone} options.microphone
   * @param {import('./playback.js').Playback} options.playback
   * @param {() => import('./calls-client').Place | null} options.place the call that this device is in now
   * @param {() => { userId: string }} options.self
   */
  constructor({ connection, microphone, playback, place, self }) {
    super();
    this.connection = connection;
    this.microphone = microphone;
    this.playback = playback;
    this.place = place;
    this.self = self;
    /** @type {MediaSession | null} */
    this.session = null;
    /** @type {MediaSession | null} */
    this.successor = null;
    /** @type {MediaSession | null} */
    this.predecessor = null;
    this.restarts = new Backoff();
    /** Only the service's own offer makes sure that the call is this device's yet; asking would take it from another. */
    this.isDoubtful = false;
    microphone.addEventListener('track', () => (microphone.handover = this.#send()));
  }

  get isConnected() {
    return this.session?.isConnected ?? false;
  }

  /** Answers a `media_offer`. */
  async answer(offer) {
    const isWanted = () => this.place()?.channelId === offer.channel_id;
    if (!isWanted()) return;
    this.isDoubtful = false;
    await this.#microphoneFirst();
    // Hung up meanwhile.
    if (!isWanted()) return;
    const known = [this.session, this.successor].find((session) => session?.sessionId === offer.session_id);
    const session = known ?? this.#begin(offer);
    try {
      const sdp = await session.answer(offer);
      if (sdp !== null) await this.#giveAnswer(session, offer, sdp);
    } catch (error) {
      this.#answerFailed(session, error);
    }
  }

  /** Let into a call: an offer must follow, and is asked for if it was lost on the way. */
  expect() {
    const { session } = this;
    setTimeout(() => this.#restart(session), LOST_OFFER_MS);
  }

  /**
   * After a reconnect: a reloaded page asks for media at once, any other gives the service the time to offer it. One
   * that was away for longer than the grace waits for that offer: the person may have gone on with the call on
   * another device, and a laptop that wakes up must not take it back.
   * @param {{ awayMs: number, graceMs: number }} absence
   */
  resume({ awayMs, graceMs }) {
    const { session } = this;
    if (!this.place() || this.place().wanted) return;
    this.isDoubtful = awayMs > graceMs && !this.isConnected;
    if (this.isDoubtful) setTimeout(() => this.#concede(session), LATEST_OFFER_MS);
    else if (!session) this.#restart(null);
    else if (!session.isConnected) setTimeout(() => this.#restart(session), OWN_OFFER_MS);
  }

  close() {
    for (const session of this.#all()) session.close();
    this.session = this.successor = this.predecessor = null;
    this.isDoubtful = false;
    this.playback.show(new Map());
  }

  async stats() {
    return (await this.session?.stats()) ?? { sentPackets: 0, sentBytes: 0, roundTripMs: null, received: {} };
  }

  /**
   * Gives the microphone a head start before an offer is answered; found back into the call without a click (a reload,
   * a move by REST), it is opened here. A page that captures is shown all of the machine's addresses by Firefox, any
   * other only that of the default route, which may not lead to the service (RFC 8828, modes 1 and 2).
   */
  async #microphoneFirst() {
    if (this.microphone.muted) return;
    const opened = this.microphone.open().catch(() => {});
    await Promise.race([opened, new Promise((resolve) => setTimeout(resolve, HEAD_START_MS))]);
  }

  async #giveAnswer(session, { channel_id, session_id, revision }, sdp) {
    for (let tries = 1; !session.isClosed && session.revision === revision; tries += 1) {
      try {
        await this.connection.request('media_answer', { channel_id, session_id, revision, sdp });
        return;
      } catch (error) {
        // Lost with the connection: the service makes the offer once more on the next one.
        if (error.code === 'connection_lost') return;
        if (!error.isTransient || tries === ANSWER_TRIES) throw error;
      }
    }
  }

  #answerFailed(session, error) {
    // A newer session has taken its place, or the call is over.
    if (session.isClosed || error.code === 'stale_media' || error.isOver) return;
    if (!(error instanceof CallError)) console.warn('calls: an offer could not be answered:', error);
    // Nothing more comes of a session whose offer stays unanswered, even if it still plays what it has.
    session.isStuck = true;
    this.#retry(session);
  }

  #begin(offer) {
    const session = new MediaSession({
      sessionId: offer.session_id,
      iceServers: iceServers(offer.ice_servers),
      ownUserId: this.self().userId,
    });
    session.setMicrophone(this.microphone.track);
    session.addEventListener('connected', () => this.#connected(session));
    session.addEventListener('interrupted', () => session === this.session && this.#tell('interrupted'));
    session.addEventListener('failed', () => this.#failed(session));
    session.addEventListener('tracks', () => session !== this.successor && this.#play());
    this.successor?.close();
    this.successor = null;
    if (this.isConnected) this.successor = session;
    else this.#replace(session);
    return session;
  }

  #connected(session) {
    if (session === this.successor) {
      this.successor = null;
      this.#replace(session);
    }
    this.restarts.reset();
    this.#tell('flows');
  }

  #failed(session) {
    if (session === this.predecessor) return this.#retire(session);
    if (session === this.successor) {
      this.successor = null;
      session.close();
      // What plays goes on playing; if it does not, its own failure asks for a new session.
      return;
    }
    if (this.successor) {
      const successor = this.successor;
      this.successor = null;
      this.#replace(successor);
    }
    this.#tell('interrupted');
    this.#retry(this.session);
  }

  #retry(session) {
    setTimeout(() => this.#restart(session), this.restarts.next());
    if (this.restarts.attempts === WORRYING_RESTARTS) this.#trouble(new CallError('media_failed'));
  }

  /** Asks for a new session, unless `failed` has been replaced or has recovered meanwhile. */
  async #restart(failed) {
    const place = this.place();
    const isReplaced = failed === null ? this.session !== null : failed.isClosed;
    const isWell = this.isConnected && !failed?.isStuck;
    if (!place || place.wanted || isReplaced || isWell) return;
    if (this.isDoubtful || !this.connection.isOpen) return;
    try {
      await this.connection.request('media_restart', { channel_id: place.channelId });
    } catch (error) {
      if (error.isOver) this.dispatchEvent(new CustomEvent('taken', { detail: place }));
      else setTimeout(() => this.#restart(failed), this.restarts.next());
    }
  }

  #concede(session) {
    const place = this.place();
    if (!place || place.wanted || this.session !== session || !this.isDoubtful || !this.connection.isOpen) return;
    this.dispatchEvent(new CustomEvent('elsewhere', { detail: place }));
  }

  #replace(session) {
    const before = this.session;
    this.predecessor?.close();
    this.predecessor = before?.isConnected ? before : null;
    if (this.predecessor) setTimeout(() => this.#retire(before), HANDOVER_MS);
    else before?.close();
    this.session = session;
    this.#play();
  }

  #retire(session) {
    session.close();
    if (session !== this.predecessor) return;
    this.predecessor = null;
    this.#play();
  }

  /** Everybody once: from the new session as soon as their sound comes there, and until then from the old one. */
  #play() {
    const tracks = new Map(this.predecessor?.remotes);
    for (const [userId, track] of this.session?.remotes ?? []) {
      if (!track.muted || !tracks.has(userId)) tracks.set(userId, track);
      else track.onunmute = () => this.#play();
    }
    this.playback.show(tracks);
  }

  #all() {
    return [this.session, this.successor, this.predecessor].filter((session) => session !== null);
  }

  async #send() {
    const { track } = this.microphone;
    const sending = this.#all().map((session) => session.setMicrophone(track));
    // A session that was closed meanwhile sends nothing anyway.
    await Promise.allSettled(sending);
  }

  #trouble(error) {
    this.dispatchEvent(new CustomEvent('trouble', { detail: error }));
  }

  #tell(event) {
    this.dispatchEvent(new Event(event));
  }
}

/** The protocol's field names are the browser's, but for the null that stands for "none needed". */
const iceServers = (servers) =>
  (servers ?? []).map(({ urls, username, credential }) => ({
    urls,
    ...(username && { username }),
    ...(credential && { credential }),
  }));
