// Who speaks just now: the service's word if it gives one, else measured here.

/** Above this level (0 to 1) it is a voice; a quiet room stays below. */
const THRESHOLD = 0.02;

/** A speaker's mark stays this long, so that it does not flicker between words. */
const HOLD_MS = 500;

export class Speaking {
  /** @param {import('../calls/calls-client').CallsClient} client */
  constructor(client) {
    this.client = client;
    /** @type {Map<string, number>} when each user was last heard, local ms */
    this.heard = new Map();
  }

  /** @returns {Set<string>} user ids */
  now(at) {
    const { state, microphone } = this.client;
    if (!state.current) {
      this.#forget();
      return new Set();
    }
    if (state.speakers) return new Set(state.speakers);
    for (const [userId, level] of this.client.remoteLevels()) {
      if (level > THRESHOLD) this.heard.set(userId, at);
    }
    if (this.#ownLevel(microphone.track) > THRESHOLD) this.heard.set(state.self.userId, at);
    return new Set([...this.heard].filter(([, last]) => at - last < HOLD_MS).map(([userId]) => userId));
  }

  /** The own voice as the microphone gives it: nothing when muted. */
  #ownLevel(track) {
    if (!track?.enabled) return 0;
    if (this.track !== track) this.#listen(track);
    this.analyser.getFloatTimeDomainData(this.samples);
    let sum = 0;
    for (const sample of this.samples) sum += sample * sample;
    return Math.sqrt(sum / this.samples.length);
  }

  #listen(track) {
    this.source?.disconnect();
    this.context ??= new AudioContext();
    this.analyser ??= new AnalyserNode(this.context, { fftSize: 1024 });
    this.samples ??= new Float32Array(this.analyser.fftSize);
    this.source = this.context.createMediaStreamSource(new MediaStream([track]));
    this.source.connect(this.analyser);
    this.track = track;
  }

  #forget() {
    this.source?.disconnect();
    this.source = this.track = null;
    this.heard.clear();
  }
}
