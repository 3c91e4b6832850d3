// One media session: one peer connection between this device and the SFU (the protocol's section 4).

import { withFeedback } from './sdp-feedback.js';

/** The client's own microphone stands on this m-line. */
const MICROPHONE_MID = '0';

/** How long a peer connection may be without connectivity before it is given up; it often comes back by itself. */
const DISCONNECTED_MS = 4000;

/** How long it may take to come up at all. */
const CONNECT_MS = 10000;

/**
 * Answers the server's offers and hands out the remote tracks.
 *
 * Events: `connected`, `interrupted` (may come back by itself), `failed` (will not), `tracks` (who is on which track changed).
 */
export class MediaSession extends EventTarget {
  /**
   * @param {object} options
   * @param {string} options.sessionId
   * @param {string} options.ownUserId
   * @param {RTCIceServer[]} [options.iceServers]
   */
  constructor({ sessionId, ownUserId, iceServers = [] }) {
    super();
    this.sessionId = sessionId;
    this.ownUserId = ownUserId;
    /** The highest revision answered or being answered. */
    this.revision = 0;
    /** @type {Map<string, MediaStreamTrack>} remote microphones by user */
    this.remotes = new Map();
    this.microphone = null;
    this.everConnected = false;
    this.isClosed = false;
    /** An offer could not be answered: no other will follow. */
    this.isStuck = false;
    this.work = Promise.resolve();
    this.peer = new RTCPeerConnection({ bundlePolicy: 'max-bundle', iceServers });
    this.peer.onconnectionstatechange = () => this.#stateChanged();
    this.patience = setTimeout(() => this.#give('failed'), CONNECT_MS);
  }

  get isConnected() {
    return this.peer.connectionState === 'connected';
  }

  /**
   * The SDP answer to an offer, or null for one that is older than what was answered. One after the other:
   * the peer connection takes a new offer only when the last one is settled. An offer that comes once more has not been
   * answered as far as the service knows, and gets the same answer: until then the service makes no other.
   * @param {{ revision: number, sdp: string, tracks: object[] }} offer
   * @returns {Promise<string | null>}
   */
  answer(offer) {
    if (offer.revision < this.revision) return Promise.resolve(null);
    if (offer.revision === this.revision) return this.work.then(() => this.peer.localDescription?.sdp ?? null);
    this.revision = offer.revision;
    const answered = this.work.then(() => this.#answer(offer));
    this.work = answered.catch(() => {});
    return answered;
  }

  /** The track that is sent from now on, or null for none; needs no new offer. */
  async setMicrophone(track) {
    this.microphone = track;
    await this.#microphoneLine()?.sender.replaceTrack(track);
  }

  /** How loud each user is just now, 0 to 1: what their packets say or what was decoded of them. */
  levels() {
    const lines = this.peer.getTransceivers();
    return new Map(
      [...this.remotes].map(([userId, track]) => {
        const receiver = lines.find((line) => line.receiver.track === track)?.receiver;
        return [userId, receiver?.getSynchronizationSources()[0]?.audioLevel ?? 0];
      }),
    );
  }

  close() {
    this.isClosed = true;
    clearTimeout(this.patience);
    this.peer.close();
    this.remotes.clear();
  }

  /**
   * What has been sent, and received of each user.
   * @returns {Promise<import('./calls-client').MediaStats>}
   */
  async stats() {
    const users = new Map([...this.remotes].map(([userId, track]) => [track.id, userId]));
    const stats = { sentPackets: 0, sentBytes: 0, roundTripMs: null, received: {} };
    for (const report of (await this.peer.getStats()).values()) {
      if (report.type === 'outbound-rtp') {
        stats.sentPackets += report.packetsSent;
        stats.sentBytes += report.bytesSent;
      }
      if (report.type === 'remote-inbound-rtp' && report.roundTripTime !== undefined) {
        stats.roundTripMs = report.roundTripTime * 1000;
      }
      const userId = report.type === 'inbound-rtp' && users.get(report.trackIdentifier);
      if (!userId) continue;
      // A line that has changed hands may have a report for the stream before, too.
      const sofar = stats.received[userId] ?? { packets: 0, lost: 0, jitterMs: 0, energy: 0 };
      stats.received[userId] = {
        packets: sofar.packets + report.packetsReceived,
        lost: sofar.lost + report.packetsLost,
        jitterMs: Math.max(sofar.jitterMs, report.jitter * 1000),
        energy: sofar.energy + (report.totalAudioEnergy ?? 0),
      };
    }
    return stats;
  }

  async #answer({ sdp, tracks }) {
    await this.peer.setRemoteDescription({ type: 'offer', sdp });
    const line = this.#microphoneLine();
    if (line) {
      line.direction = 'sendonly';
      await line.sender.replaceTrack(this.microphone);
    }
    const answer = await this.peer.createAnswer();
    try {
      await this.peer.setLocalDescription({ type: 'answer', sdp: withFeedback(answer.sdp, sdp) });
    } catch {
      // A browser that takes nothing but its own words does without.
      await this.peer.setLocalDescription(answer);
    }
    this.#assign(tracks);
    return this.peer.localDescription.sdp;
  }

  /** Which track is whose: `tracks` says it by mid, and a line may change hands from one offer to the next. */
  #assign(tracks) {
    this.remotes.clear();
    for (const { mid, user_id: userId, source } of tracks) {
      if (userId === this.ownUserId || source !== 'microphone') continue;
      const line = this.peer.getTransceivers().find((transceiver) => transceiver.mid === mid);
      if (line) this.remotes.set(userId, line.receiver.track);
    }
    this.dispatchEvent(new Event('tracks'));
  }

  #microphoneLine() {
    return this.peer.getTransceivers().find((transceiver) => transceiver.mid === MICROPHONE_MID);
  }

  #stateChanged() {
    const state = this.peer.connectionState;
    if (state === 'connected') {
      clearTimeout(this.patience);
      this.everConnected = true;
      this.#give('connected');
    } else if (state === 'disconnected') {
      this.#give('interrupted');
      clearTimeout(this.patience);
      this.patience = setTimeout(() => this.#give('failed'), DISCONNECTED_MS);
    } else if (state === 'failed') {
      clearTimeout(this.patience);
      this.#give('failed');
    }
  }

  #give(event) {
    if (!this.isClosed) this.dispatchEvent(new Event(event));
  }
}
