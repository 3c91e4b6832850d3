// The ringing and the ringback tone, made with WebAudio: nothing to load, nothing to license.

/** Two soft notes, a pause: frequencies in Hz, times in seconds within the pattern. */
const INCOMING = {
  everySecs: 2.4,
  gain: 0.14,
  notes: [
    { hz: 659.3, at: 0, secs: 0.5 },
    { hz: 880, at: 0.22, secs: 0.6 },
    { hz: 659.3, at: 0.8, secs: 0.5 },
    { hz: 880, at: 1.02, secs: 0.7 },
  ],
};

/** What the caller hears while it rings at the other end. */
const OUTGOING = { everySecs: 4, gain: 0.05, notes: [{ hz: 425, at: 0, secs: 1 }] };

/** Plays one pattern at a time. */
export class Ring {
  constructor() {
    this.kind = null;
  }

  /** The browser's autoplay policy holds the sound back until a person has clicked somewhere. */
  get isBlocked() {
    return this.kind !== null && this.context?.state === 'suspended';
  }

  /** @param {'incoming' | 'outgoing' | null} kind */
  play(kind) {
    if (kind === this.kind) return;
    this.#stop();
    this.kind = kind;
    if (!kind) return;
    const pattern = kind === 'incoming' ? INCOMING : OUTGOING;
    this.context ??= new AudioContext();
    this.context.resume().catch(() => {});
    this.output = new GainNode(this.context, { gain: pattern.gain });
    this.output.connect(this.context.destination);
    const round = () => this.context.state === 'running' && this.#round(pattern);
    round();
    this.context.onstatechange = round;
    this.timer = setInterval(round, pattern.everySecs * 1000);
  }

  /** To be called from a click. */
  unblock() {
    this.context?.resume().catch(() => {});
  }

  #round({ notes }) {
    const { context } = this;
    for (const { hz, at, secs } of notes) {
      const start = context.currentTime + at;
      const tone = new OscillatorNode(context, { frequency: hz });
      const shape = new GainNode(context, { gain: 0 });
      shape.gain.setValueAtTime(0, start);
      shape.gain.linearRampToValueAtTime(1, start + 0.03);
      shape.gain.setTargetAtTime(0, start + secs * 0.4, secs * 0.25);
      tone.connect(shape).connect(this.output);
      tone.start(start);
      tone.stop(start + secs * 2);
    }
  }

  #stop() {
    clearInterval(this.timer);
    this.output?.disconnect();
    if (this.context) this.context.onstatechange = null;
  }
}
