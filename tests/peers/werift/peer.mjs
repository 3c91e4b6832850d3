// A client of the service in Node, on werift: signs in, starts or joins a call, and answers offers, as docs/protocol.md
// says. Opus comes and goes as text, one JSON object per line: on stdin {"opus":"…base64"} is sent as the next packet of
// 20 ms; on stdout stands {"user_id","opus"} for each packet that is heard.
//
// node peer.mjs URL TOKEN CHANNEL call_start|call_join
import { createInterface } from 'node:readline';
import { MediaStreamTrack, RTCPeerConnection, RTCRtpCodecParameters, RtpHeader, RtpPacket } from 'werift';
import WebSocket from 'ws';

const [url, token, channel, verb] = process.argv.slice(2);
const OPUS = { mimeType: 'audio/opus', clockRate: 48000, channels: 2, payloadType: 111 };
const FRAME = 960; // samples of 20 ms

const socket = new WebSocket(`${url.replace(/^http/, 'ws')}ws`, 'calls.v1', {
  headers: { authorization: `Bearer ${token}` },
});
const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);

let session = null;
let lastId = 0;
const send = (message) => socket.send(JSON.stringify({ id: (lastId += 1), channel_id: channel, ...message }));

/** One media session: one peer connection, whose offers are answered one after the other. */
class Session {
  constructor(id) {
    this.id = id;
    this.users = new Map();
    this.microphone = new MediaStreamTrack({ kind: 'audio' });
    this.peer = new RTCPeerConnection({ codecs: { audio: [new RTCRtpCodecParameters(OPUS)] } });
    this.peer.connectionStateChange.subscribe((state) => say({ state }));
    this.peer.onRemoteTransceiverAdded.subscribe((line) => {
      line.onTrack.subscribe((track) =>
        track.onReceiveRtp.subscribe(({ payload }) => {
          say({ user_id: this.users.get(line.mid) ?? null, opus: payload.toString('base64') });
        }),
      );
    });
    this.work = Promise.resolve();
  }

  answer(offer) {
    this.work = this.work.then(() => this.#answer(offer));
  }

  async #answer({ revision, sdp, tracks }) {
    this.users = new Map(tracks.map(({ mid, user_id: user }) => [mid, user]));
    await this.peer.setRemoteDescription({ type: 'offer', sdp });
    const own = this.peer.getTransceivers().find(({ mid }) => mid === '0');
    if (own.sender.track !== this.microphone) {
      own.setDirection('sendonly');
      await own.sender.replaceTrack(this.microphone);
    }
    await this.peer.setLocalDescription(await this.peer.createAnswer());
    send({ type: 'media_answer', session_id: this.id, revision, sdp: this.peer.localDescription.sdp });
  }
}

socket.on('message', (text) => {
  const message = JSON.parse(text);
  if (message.type === 'ready') send({ type: verb });
  else if (message.type === 'error') say({ error: message.code, message: message.message });
  else if (message.type === 'media_offer') {
    if (session?.id !== message.session_id) session = new Session(message.session_id);
    session.answer(message);
  }
});
socket.on('close', () => process.exit());

let sequence = 0;
createInterface({ input: process.stdin })
  .on('line', (line) => {
    sequence = (sequence + 1) % 65536;
    const header = new RtpHeader({
      payloadType: OPUS.payloadType,
      sequenceNumber: sequence,
      timestamp: (sequence * FRAME) % 2 ** 32,
      ssrc: 1,
    });
    const payload = Buffer.from(JSON.parse(line).opus, 'base64');
    session?.microphone.writeRtp(new RtpPacket(header, payload));
  })
  .on('close', () => process.exit());
