// The loudspeaker side: one <audio> element for each remote user.

import { CallError } from './errors.js';
import { listDevices } from './devices.js';

/** Where the choice is kept in localStorage. */
const CHOICE_KEY = 'calls.speaker';

/** Event: `blocked` (the browser's autoplay policy wants a click first), `playing`. */
export class Playback extends EventTarget {
  /** @param {Storage | null} storage */
  constructor(storage) {
    super();
    this.storage = storage;
    /** @type {Map<string, HTMLAudioElement>} */
    this.elements = new Map();
    this.silent = false;
    this.isBlocked = false;
  }

  /**
   * Plays exactly these tracks.
   * @param {Map<string, MediaStreamTrack>} tracks by user
   */
  show(tracks) {
    for (const userId of [...this.elements.keys()]) if (!tracks.has(userId)) this.#remove(userId);
    for (const [userId, track] of tracks) {
      const element = this.elements.get(userId) ?? this.#add(userId);
      if (element.srcObject?.getAudioTracks()[0] === track) continue;
      element.srcObject = new MediaStream([track]);
      this.#play(element);
    }
  }

  /** The id of the loudspeaker that was chosen last; '' is the system's default. */
  get choice() {
    return this.storage?.getItem(CHOICE_KEY) ?? '';
  }

  /**
   * Another loudspeaker from now on, in the present call and later ones.
   * @param {string} deviceId
   */
  async choose(deviceId) {
    this.storage?.setItem(CHOICE_KEY, deviceId);
    try {
      await Promise.all([...this.elements.values()].map((element) => element.setSinkId(deviceId)));
    } catch (cause) {
      throw new CallError('speaker_unavailable', undefined, { cause });
    }
  }

  /** @returns {Promise<{ id: string, label: string }[]>} none where the browser leaves the choice to the system */
  async list() {
    if (!('setSinkId' in HTMLMediaElement.prototype)) return [];
    return listDevices('audiooutput', 'Speaker');
  }

  /** @param {boolean} silent */
  silence(silent) {
    this.silent = silent;
    for (const element of this.elements.values()) element.muted = silent;
  }

  /** After a click of the person, playing is allowed. */
  resume() {
    for (const element of this.elements.values()) if (element.paused) this.#play(element);
  }

  /** What is heard of a user. @returns {MediaStream | null} */
  stream(userId) {
    return this.elements.get(userId)?.srcObject ?? null;
  }

  #add(userId) {
    const element = document.createElement('audio');
    element.autoplay = true;
    element.muted = this.silent;
    element.dataset.user = userId;
    element.hidden = true;
    document.body.append(element);
    // One that is not plugged in today is no reason to hear nothing.
    if (this.choice) element.setSinkId?.(this.choice).catch(() => {});
    this.elements.set(userId, element);
    return element;
  }

  #remove(userId) {
    const element = this.elements.get(userId);
    this.elements.delete(userId);
    element.srcObject = null;
    element.remove();
  }

  async #play(element) {
    try {
      await element.play();
      this.#block(false);
    } catch (error) {
      // AbortError: another stream took this one's place meanwhile, and that one plays.
      if (error.name === 'NotAllowedError') this.#block(true);
    }
  }

  #block(blocked) {
    if (this.isBlocked === blocked) return;
    this.isBlocked = blocked;
    this.dispatchEvent(new Event(blocked ? 'blocked' : 'playing'));
  }
}
