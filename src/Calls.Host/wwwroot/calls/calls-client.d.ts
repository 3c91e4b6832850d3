/** Types of the calls client. The words are those of the protocol `calls.v1`. */

export interface ClientOptions {
  /** The chat app's token for its signed-in user; asked anew with `renew` when the old one is not accepted or about to end. Null: signed out. */
  getToken(why: { renew: boolean }): Promise<string | null>;
  /** The service's WebSocket; by default `/ws` where the page comes from. */
  url?: string;
  /** This device's id; by default one per tab, kept over reloads. */
  deviceId?: string;
  /** Where the choice of the microphone is kept. Null: nowhere. */
  storage?: Storage;
  /** Where the tab keeps its device id and the call it is in. */
  tabStorage?: Storage;
}

/** CALL of the protocol. */
export interface Call {
  channel_id: string;
  call_id: string;
  version: number;
  status: 'ringing' | 'active' | 'ended';
  media: 'audio' | 'video';
  started_by: string;
  started_at: string;
  answered_at: string | null;
  expires_at: string | null;
  target_users: string[];
  declined_by: string[];
  participants: string[];
  voice_states: VoiceState[];
  reason: EndReason | null;
  duration_secs: number | null;
  ended_at: string | null;
}

export interface VoiceState {
  user_id: string;
  username: string;
  joined_at: string;
  connection: 'connecting' | 'connected' | 'reconnecting';
  muted: boolean;
  deafened: boolean;
  video: boolean;
  screen: boolean;
}

export type EndReason =
  'cancelled' | 'all_declined' | 'no_answer' | 'last_left' | 'ended_by_initiator' | 'channel_deleted' | 'failed';

export type LeaveCause = 'hangup' | 'disconnected' | 'removed' | 'moved' | 'alone';

export interface MissedCall {
  call_id: string;
  channel_id: string;
  initiator: string;
  initiator_name: string;
  media: 'audio' | 'video';
  started_at: string;
}

/** Everything the client knows. Never changed in place: another state is another object. */
export interface CallsState {
  /** Who this is; null before the first `ready`. */
  self: { userId: string; deviceId: string } | null;
  connection: ConnectionStatus;
  /** Since when the line to the service is away (local ms), or null. */
  lostAt: number | null;
  /** The service's clock minus the local one, ms. */
  clockOffset: number;
  channels: Record<string, ChannelState>;
  /** This device's place in a call. */
  current: Place | null;
  missed: MissedCall[];
  /** Who speaks in the present call, the loudest first; null while the service has not said. */
  speakers: string[] | null;
}

export interface ConnectionStatus {
  state: 'closed' | 'connecting' | 'open' | 'waiting';
  reason: 'signed_out' | 'unreachable' | 'going_away' | 'lost' | 'silent' | null;
  /** Why, for a person. */
  words?: string;
}

export interface ChannelState {
  call: Call | null;
  /** It rings for this user. */
  ring: { callId: string; since: number; silent: boolean; reminder?: boolean } | null;
  /** How the last call ended, or how this device left it. */
  ended: { callId: string | null; reason: EndReason | LeaveCause | 'left' | 'moved_on' | null; durationSecs: number | null; at: number } | null;
  endedId: string | null;
  leaving: string | null;
  /** Who left last and why: in a DM of two that is why the call ended. */
  lastLeft: { userId: string; cause: LeaveCause } | null;
  /** Something was missed; the whole is being asked for. */
  stale: boolean;
}

export interface Place {
  channelId: string;
  callId: string | null;
  /** Asked for and not answered yet. */
  wanted: 'start' | 'join' | null;
  /** Found back after a reload, without media so far. */
  returning: boolean;
  /** The call this device is in until the wanted one has let it in. */
  previous: Place | null;
  media: 'connecting' | 'connected' | 'lost';
  mediaLostAt: number | null;
  /** The own voice as asked for and not answered yet. */
  voice: { muted?: boolean; deafened?: boolean };
}

export type Phase =
  'idle' | 'outgoing_ringing' | 'incoming_ringing' | 'connecting' | 'connected' | 'reconnecting' | 'ended';

export interface MediaStats {
  sentPackets: number;
  sentBytes: number;
  roundTripMs: number | null;
  /** By user. `energy` is the sum of the decoded sound's energy so far (RTCInboundRtpStreamStats.totalAudioEnergy). */
  received: Record<string, { packets: number; lost: number; jitterMs: number; energy: number }>;
}

export class CallError extends Error {
  constructor(code: string, message?: string, details?: { call?: Call; retryAfterMs?: number; cause?: unknown });
  /** One of the protocol's error codes, or `connection_lost`, `unreachable`, `microphone_*`, `media_failed`. */
  readonly code: string;
  readonly call: Call | null;
  readonly retryAfterMs: number | null;
  readonly isTransient: boolean;
}

export interface ClientEvents {
  /** `state` is another, or `playback.isBlocked` is. */
  change: Event;
  /** Something went wrong that no request of the app's brought about. */
  notice: CustomEvent<CallError>;
}

export class CallsClient extends EventTarget {
  constructor(options: ClientOptions);
  readonly state: CallsState;
  /** `isBlocked`: the browser's autoplay policy wants a click before anything is heard. */
  readonly playback: { readonly isBlocked: boolean };
  readonly microphone: { readonly choice: string; readonly track: MediaStreamTrack | null; readonly error: CallError | null };
  connect(): void;
  close(): void;
  nudge(): void;
  start(channelId: string): Promise<void>;
  join(channelId: string): Promise<void>;
  decline(channelId: string): Promise<void>;
  dismiss(channelId: string): Promise<void>;
  hangUp(): Promise<void>;
  end(channelId: string): Promise<void>;
  ring(channelId: string, userIds?: string[]): Promise<void>;
  setMuted(muted: boolean): Promise<void>;
  setDeafened(deafened: boolean): Promise<void>;
  forgetMissed(channelId: string): void;
  microphones(): Promise<{ id: string; label: string }[]>;
  setMicrophone(deviceId: string): Promise<void>;
  /** Replace it to feed another source: called whenever a microphone is to be opened. */
  getMicrophone: (constraints: MediaStreamConstraints) => Promise<MediaStream>;
  resumePlayback(): void;
  remoteStream(userId: string): MediaStream | null;
  remoteLevels(): Map<string, number>;
  mediaStats(): Promise<MediaStats>;
  addEventListener<K extends keyof ClientEvents>(type: K, listener: (event: ClientEvents[K]) => void): void;
}

export const GRACE_MS: number;
export const ENDED_SHOWN_MS: number;
export const BANNER_SHOWN_MS: number;
export function describeError(error: unknown): string;
export function describeClose(code: number): string;
export function phaseOf(state: CallsState, channelId: string, now: number): Phase;
export function elapsed(state: CallsState, channelId: string, now: number): number | null;
export function graceLeft(state: CallsState, now: number): number | null;
export function lostFor(state: CallsState, now: number): number;
export function ringing(state: CallsState): string[];
export function onScreen(state: CallsState, now: number): string[];
export function isElsewhere(state: CallsState, channelId: string): boolean;
export function ownVoice(state: CallsState): { muted: boolean; deafened: boolean };
export function participants(state: CallsState, channelId: string): VoiceState[];
export function channelOf(state: CallsState, channelId: string): ChannelState;
export function isLive(call: Call | null): boolean;
