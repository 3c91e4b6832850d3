// Put into every page before its own scripts: the microphone is a tone, and what comes in is measured.
// `toneHz` is set by whoever puts this in; null where the browser has a tone of its own for a microphone.
(() => {
  let context = null;
  const ready = () => (context ??= new AudioContext({ sampleRate: RATE }));
  const RATE = 48000;

  /** The tone's amplitude, of full scale. */
  let loudness = 0.4;
  const gains = [];

  /** From here on the tone is so loud. */
  globalThis.setTone = (amplitude) => {
    loudness = amplitude;
    for (const gain of gains) gain.gain.value = amplitude;
  };

  /** Each opening gives a new track: whoever closes one must not silence the next. */
  async function tone() {
    const output = ready().createMediaStreamDestination();
    const source = new OscillatorNode(context, { frequency: toneHz });
    const gain = new GainNode(context, { gain: loudness });
    gains.push(gain);
    source.connect(gain).connect(output);
    source.start();
    await context.resume();
    return output.stream;
  }

  if (toneHz !== null) navigator.mediaDevices.getUserMedia = tone;

  const analysers = new Map();

  /** The latest samples of a stream, straight from the decoder. */
  function listen(stream) {
    const track = stream.getAudioTracks()[0];
    if (!analysers.has(track)) {
      const analyser = new AnalyserNode(ready(), { fftSize: 8192 });
      const source = context.createMediaStreamSource(stream);
      source.connect(analyser);
      analysers.set(track, { analyser, source });
    }
    const samples = new Float32Array(8192);
    analysers.get(track).analyser.getFloatTimeDomainData(samples);
    return samples;
  }

  /** The same by way of a short recording: without a sound card Firefox's AudioContext does not run. */
  async function record(stream) {
    const recorder = new MediaRecorder(stream);
    const recorded = new Promise((resolve) => (recorder.ondataavailable = ({ data }) => resolve(data)));
    recorder.start();
    await new Promise((resolve) => setTimeout(resolve, 500));
    recorder.stop();
    const bytes = await (await recorded).arrayBuffer();
    const samples = (await new OfflineAudioContext(1, RATE, RATE).decodeAudioData(bytes)).getChannelData(0);
    // Its beginning is the encoder's silence.
    return samples.subarray(samples.length >> 1);
  }

  /** The amplitude of one frequency in dB of full scale (a discrete Fourier transform's one line, Hann window). */
  function level(samples, hz) {
    const count = samples.length;
    let re = 0;
    let im = 0;
    for (let i = 0; i < count; i += 1) {
      const value = samples[i] * (0.5 - 0.5 * Math.cos((2 * Math.PI * i) / count));
      re += value * Math.cos((2 * Math.PI * hz * i) / RATE);
      im += value * Math.sin((2 * Math.PI * hz * i) / RATE);
    }
    // JSON has no -Infinity, which is what digital silence is.
    return Math.max(-200, 20 * Math.log10((4 * Math.hypot(re, im)) / count));
  }

  /** How loud each of the frequencies is in what is heard of a user; null if there is no track of theirs. */
  window.toneLevels = async (userId, frequencies) => {
    const stream = window.calls?.remoteStream(userId);
    if (!stream) return null;
    const samples = toneHz === null ? await record(stream) : listen(stream);
    return frequencies.map((hz) => level(samples, hz));
  };

  window.tonePackets = async (userId) => (await window.calls.mediaStats()).received[userId]?.packets ?? 0;
  /** All that the browser knows of what comes in: what a failed test shows. */
  window.toneReport = async () => {
    const peer = window.calls?.peerConnection;
    if (!peer) return 'no peer connection';
    const lines = peer.getTransceivers().map(({ mid, currentDirection, receiver }) => ({
      mid,
      currentDirection,
      track: receiver.track.id,
      muted: receiver.track.muted,
    }));
    const received = [...(await peer.getStats()).values()]
      .filter(({ type }) => type === 'inbound-rtp')
      .map(({ mid, ssrc, trackIdentifier, packetsReceived, totalAudioEnergy }) => ({
        mid,
        ssrc,
        trackIdentifier,
        packetsReceived,
        totalAudioEnergy,
      }));
    return JSON.stringify({ state: peer.connectionState, lines, received });
  };
  window.toneUsers = () => [...document.querySelectorAll('audio')].map((element) => element.dataset.user).sort();
})();
