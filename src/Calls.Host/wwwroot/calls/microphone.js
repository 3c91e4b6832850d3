// This device's microphone: opening, switching, muting, remembering the choice.

import { listDevices } from './devices.js';
import { CallError, microphoneError } from './errors.js';

/** Where the choice is kept in localStorage. */
const CHOICE_KEY = 'calls.microphone';

/** What makes a voice pleasant to listen to; music would want all three off. */
const VOICE = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };

/**
 * Events: `track` (a new track is to be sent, or none), `failed` (there is none, `error` says why).
 */
export class Microphone extends EventTarget {
  /**
   * @param {(constraints: MediaStreamConstraints) => Promise<MediaStream>} getStream asked each time one is opened
   * @param {Storage | null} storage
   */
  constructor(getStream, storage) {
    super();
    this.getStream = getStream;
    this.storage = storage;
    this.stream = null;
    this.muted = false;
    /** Settled when the present track has taken the former one's place; set by whoever sends it. */
    this.handover = Promise.resolve();
    /** @type {CallError | null} why there is none */
    this.error = null;
  }

  /** @returns {MediaStreamTrack | null} */
  get track() {
    return this.stream?.getAudioTracks()[0] ?? null;
  }

  /** The id of the microphone that was chosen last; '' is the system's default. */
  get choice() {
    return this.storage?.getItem(CHOICE_KEY) ?? '';
  }

  /** Opens it if it is not open; asking twice at once opens it once. Throws a CallError. */
  open() {
    if (this.track) return Promise.resolve(this.track);
    this.opening ??= this.#open().finally(() => (this.opening = null));
    return this.opening;
  }

  /** Lets go of it, so that the browser's recording mark goes out. */
  close() {
    this.opening = null;
    this.#take(null);
  }

  /** @param {boolean} muted */
  mute(muted) {
    this.muted = muted;
    if (this.track) this.track.enabled = !muted;
  }

  /**
   * Another microphone from now on, in the present call and later ones.
   * @param {string} deviceId
   */
  async choose(deviceId) {
    this.storage?.setItem(CHOICE_KEY, deviceId);
    if (!this.stream) return;
    const former = this.stream;
    const track = await this.#open();
    // The new one is on its way before the old one falls silent.
    await this.handover;
    if (former.getAudioTracks()[0] !== track) stop(former);
  }

  /** @returns {Promise<{ id: string, label: string }[]>} names are known only once one has been opened */
  async list() {
    return listDevices('audioinput', 'Microphone');
  }

  async #open() {
    const token = (this.token = {});
    try {
      const stream = await this.getStream({ audio: { ...VOICE, ...(this.choice && { deviceId: { ideal: this.choice } }) } });
      // Closed or opened anew while the browser was asking the person.
      if (this.token !== token) {
        stop(stream);
        throw new CallError('microphone_busy');
      }
      this.error = null;
      this.#take(stream);
      return this.track;
    } catch (cause) {
      const error = microphoneError(cause);
      if (this.token === token) this.#fail(error);
      throw error;
    }
  }

  #take(stream) {
    const former = this.stream;
    this.stream = stream;
    if (stream === null) {
      this.token = null;
      if (former) stop(former);
    } else {
      this.track.enabled = !this.muted;
      this.track.onended = () => this.stream === stream && this.#lost();
    }
    this.dispatchEvent(new Event('track'));
  }

  /** Unplugged: perhaps there is another one. */
  #lost() {
    this.stream = null;
    this.dispatchEvent(new Event('track'));
    this.open().catch(() => {});
  }

  #fail(error) {
    this.error = error;
    this.dispatchEvent(new Event('failed'));
  }
}

const stop = (stream) => stream.getTracks().forEach((track) => track.stop());

/** @param {MediaStreamConstraints} constraints */
export async function askBrowser(constraints) {
  // Without a secure context there is no `mediaDevices` at all.
  if (!navigator.mediaDevices) throw new CallError('microphone_insecure');
  return navigator.mediaDevices.getUserMedia(constraints);
}
