// The WebSocket: signing in, requests and their answers, coming back after a loss.

import { Backoff } from './backoff.js';
import { CallError, describeClose } from './errors.js';

/** How long a connection may take until `ready`: the service itself gives up on the sign-in after 5 s. */
const READY_TIMEOUT_MS = 8000;

/** How long a command waits for a connection and its answer. Later than that the person has changed their mind. */
const PATIENCE_MS = 20000;

/** Used until `ready` tells the service's own. */
const DEFAULT_HEARTBEAT_MS = 5000;

/** Between tries for a new token while the old one still holds; there are 60 s for it. */
const RENEW_AGAIN_MS = 5000;

const CLOSE_GOING_AWAY = 1001;
const CLOSE_AUTHENTICATION = 4401;

/** After these the fault is on this side: hurrying back would only repeat it. */
const SLOW_RETURN = new Map([
  [4400, 5000],
  [4429, 5000],
]);

/**
 * One device's line to the service, held open as long as it is wanted.
 *
 * Events: `status` (a status object), `message` (what the service tells by itself, `ready` included).
 */
export class Connection extends EventTarget {
  /**
   * @param {object} options
   * @param {string} options.url ws: or wss: address
   * @param {string} options.deviceId
   * @param {(why: { renew: boolean }) => Promise<string | null>} options.getToken null means: signed out
   */
  constructor({ url, deviceId, getToken, random = Math.random }) {
    super();
    this.url = url;
    this.deviceId = deviceId;
    this.getToken = getToken;
    this.random = random;
    this.backoff = new Backoff(random);
    /** @type {Map<string, Pending>} requests without an answer, by id, oldest first */
    this.pending = new Map();
    this.lastId = 0;
    this.rejectedSignIns = 0;
    /** The token at hand was refused: whatever fails in between, the next sign-in wants another. */
    this.needsToken = false;
    this.socket = null;
    this.timers = {};
    this.heartbeatMs = DEFAULT_HEARTBEAT_MS;
    this.status = { state: 'closed', reason: null };
  }

  get isOpen() {
    return this.status.state === 'open';
  }

  open() {
    if (this.status.state !== 'closed') return;
    this.rejectedSignIns = 0;
    this.needsToken = false;
    this.backoff.reset();
    this.#dial();
  }

  close() {
    this.#settle('closed', { reason: null });
  }

  /**
   * Sends a request; resolves with its result, rejects with a CallError.
   * With `repeat`, the request carries a command_id and is sent again on every new connection until it
   * is answered; without, it fails with the connection.
   * @param {string} type
   * @param {object} [fields]
   * @param {{ repeat?: boolean, patienceMs?: number }} [options]
   */
  request(type, fields = {}, { repeat = false, patienceMs = PATIENCE_MS } = {}) {
    const frame = { type, id: this.#nextId(), ...fields };
    if (repeat) frame.command_id = crypto.randomUUID();
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#fail(frame.id, new CallError('unreachable')), patienceMs);
      this.pending.set(frame.id, { frame, repeat, resolve, reject, timer });
      if (this.isOpen) this.#send(frame);
      else if (!repeat) this.#fail(frame.id, new CallError('connection_lost'));
    });
  }

  /** Something hints that the network changed: try now rather than later, or see whether the line still lives. */
  nudge() {
    if (this.status.state === 'waiting') this.#dial();
    else if (this.isOpen) this.#beat();
  }

  #nextId() {
    this.lastId += 1;
    return String(this.lastId);
  }

  async #dial() {
    this.#dropSocket();
    this.#setStatus({ state: 'connecting', reason: this.status.reason ?? null });
    const attempt = {};
    this.attempt = attempt;
    const token = await this.#fetchToken(this.needsToken);
    if (this.attempt !== attempt) return;
    if (token === null) return this.#settle('closed', { reason: 'signed_out' });
    if (token === undefined) return this.#comeBack(this.backoff.next(), 'unreachable');

    const socket = new WebSocket(this.url, ['calls.v1']);
    this.socket = socket;
    this.timers.ready = setTimeout(() => this.#lose(socket, 'unreachable'), READY_TIMEOUT_MS);
    socket.onopen = () => this.#signIn(token);
    socket.onmessage = ({ data }) => this.#receive(socket, data);
    socket.onclose = ({ code }) => this.#closed(socket, code);
  }

  /** The token, null when signed out, undefined when it could not be fetched this time. */
  async #fetchToken(renew) {
    try {
      return (await this.getToken({ renew })) ?? null;
    } catch {
      return undefined;
    }
  }

  #signIn(token) {
    this.readyId = this.#nextId();
    this.#send({ type: 'authenticate', id: this.readyId, token, device_id: this.deviceId });
  }

  #receive(socket, data) {
    if (socket !== this.socket) return;
    this.lastHeard = performance.now();
    const message = JSON.parse(data);
    if (message.type === 'reply') this.#answered(message.id, (request) => request.resolve(message.result));
    else if (message.type === 'error') this.#refused(message);
    else this.#told(message);
  }

  #refused(frame) {
    if (frame.id !== undefined) this.#fail(String(frame.id), CallError.fromFrame(frame));
    else console.warn('calls:', frame.code, frame.message);
  }

  #told(message) {
    const opened = message.type === 'ready' && this.#ready(message);
    if (message.type === 'token_expiring') this.#renew();
    if (message.type === 'server_draining') this.#moveIn(message.reconnect_after_ms ?? 0);
    this.dispatchEvent(new CustomEvent('message', { detail: message }));
    // The state of things comes first, then what is still unanswered is asked again.
    if (!opened) return;
    this.#setStatus(this.status);
    for (const { frame, repeat } of this.pending.values()) if (repeat) this.#send(frame);
  }

  /** Whether this opened the connection; a renewed token on an open one gets a `ready` too. */
  #ready(message) {
    clearTimeout(this.timers.ready);
    const isNew = !this.isOpen;
    this.deviceId = message.device_id;
    this.heartbeatMs = message.heartbeat_ms ?? DEFAULT_HEARTBEAT_MS;
    this.rejectedSignIns = 0;
    this.needsToken = false;
    this.backoff.reset();
    if (isNew) {
      this.status = { state: 'open', reason: null };
      this.#watch();
    }
    return isNew;
  }

  /** Renews the token on the open connection; if that fails, the service closes with 4401 in time. */
  async #renew() {
    const { socket } = this;
    const token = await this.#fetchToken(true);
    if (!this.isOpen || socket !== this.socket) return;
    if (token) this.#signIn(token);
    else if (token === undefined) this.timers.renew = setTimeout(() => this.#renew(), RENEW_AGAIN_MS);
  }

  /** Pings when nothing has come for a heartbeat, and gives the line up when a ping stays unanswered. */
  #watch() {
    clearInterval(this.timers.watch);
    this.timers.watch = setInterval(() => {
      if (performance.now() - this.lastHeard >= this.heartbeatMs) this.#beat();
    }, this.heartbeatMs / 2);
  }

  #beat() {
    if (this.beating) return;
    const socket = this.socket;
    this.beating = true;
    this.request('ping', {}, { patienceMs: 2 * this.heartbeatMs })
      .catch((error) => error.code === 'unreachable' && this.#lose(socket, 'silent'))
      .finally(() => (this.beating = false));
  }

  #closed(socket, code) {
    if (socket !== this.socket) return;
    this.closeWords = describeClose(code);
    if (code === CLOSE_AUTHENTICATION) return this.#signInRejected();
    // Going away is announced: another node waits, or this one is back in a moment. A little jitter spreads the crowd.
    if (code === CLOSE_GOING_AWAY && this.backoff.attempts === 0) {
      this.backoff.next();
      return this.#comeBack(this.random() * 100, 'going_away');
    }
    this.#comeBack(Math.max(this.backoff.next(), SLOW_RETURN.get(code) ?? 0), 'lost');
  }

  /** The node will stop: at the time that it names another one takes this device, and until then this one serves it. */
  #moveIn(delayMs) {
    clearTimeout(this.timers.move);
    this.timers.move = setTimeout(() => this.#comeBack(0, 'going_away'), delayMs);
  }

  /** One new token is asked for; if that is refused too, a person has to sign in. */
  #signInRejected() {
    this.rejectedSignIns += 1;
    if (this.rejectedSignIns > 1) return this.#settle('closed', { reason: 'signed_out' });
    this.needsToken = true;
    this.#dial();
  }

  #lose(socket, reason) {
    if (socket === this.socket) this.#comeBack(this.backoff.next(), reason);
  }

  #comeBack(delayMs, reason) {
    this.#dropSocket();
    this.#setStatus({ state: 'waiting', reason, words: this.closeWords });
    this.timers.retry = setTimeout(() => this.#dial(), delayMs);
  }

  #settle(state, details) {
    this.attempt = null;
    this.#dropSocket();
    for (const id of [...this.pending.keys()]) this.#fail(id, new CallError('connection_lost'));
    this.#setStatus({ state, ...details, words: this.closeWords });
  }

  #dropSocket() {
    clearTimeout(this.timers.ready);
    clearTimeout(this.timers.retry);
    clearTimeout(this.timers.renew);
    clearTimeout(this.timers.move);
    clearInterval(this.timers.watch);
    const socket = this.socket;
    this.socket = null;
    socket?.close();
    for (const [id, { repeat }] of this.pending) if (!repeat) this.#fail(id, new CallError('connection_lost'));
  }

  #setStatus(status) {
    this.status = status;
    this.dispatchEvent(new CustomEvent('status', { detail: status }));
  }

  #send(frame) {
    if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(frame));
  }

  #fail(id, error) {
    this.#answered(id, (request) => request.reject(error));
  }

  #answered(id, settle) {
    const request = this.pending.get(String(id));
    if (!request) return;
    this.pending.delete(String(id));
    clearTimeout(request.timer);
    settle(request);
  }
}

/** @typedef {{ frame: object, repeat: boolean, resolve: Function, reject: Function, timer: number }} Pending */
