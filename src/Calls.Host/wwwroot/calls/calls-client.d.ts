/** Types of the calls client. The words are those of the protocol `calls.v1`. */

export interface ClientOptions {
  /**
   * The chat app's token for its signed-in user; asked anew with `renew` when the old one is not accepted or about to
   * end. Null: signed out. Throw when it cannot be had just now: it is asked again.
   */
  getToken(why: { renew: boolean }): Promise<string | null>;
  /** The service's WebSocket; by default `/ws` where the page comes from. REST is taken to be beside it. */
  url?: string;
  /** This device's id; by default one per tab, kept over reloads. */
  deviceId?: string;
  /** Where the choice of microphone and loudspeaker is kept. Null: nowhere. */
  storage?: Storage | null;
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

/** Why a call is over for this device alone: hung up, left for another call, or answered on another device. */
export type OwnReason = 'left' | 'moved_on' | 'joined_elsewhere' | 'declined_elsewhere' | 'dismissed_elsewhere';

export type LeaveCause = 'hangup' | 'disconnected' | 'removed' | 'moved' | 'alone';

export interface MissedCall {
  call_id: string;
  channel_id: string;
  initiator: string;
  initiator_name: string;
  media: 'audio' | 'video';
  started_at: string;
  seen: boolean;
}

/** An ended call in a history. */
export interface PastCall extends Call {
  /** Whether this user was called and neither joined nor declined. */
  missed: boolean;
}

/** Which part of a history: what comes after (is older than) `before`, at most `limit` (1 to 100, 50 if not said). */
export interface PageOptions {
  before?: string;
  limit?: number;
}

export interface Page<T> {
  calls: T[];
  /** To be given as `before` for the next page; null: there is none. */
  nextBefore: string | null;
}

/** `normal` rings aloud, `quiet` without a sound, `do_not_disturb` not at all: such calls are missed. */
export type Notifications = 'normal' | 'quiet' | 'do_not_disturb';

export interface CallSettings {
  notifications: Notifications;
  blocked: string[];
}

export interface Device {
  id: string;
  label: string;
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
  /** The missed calls that have not been seen, the newest first. */
  missed: MissedCall[];
  /** Null before `loadSettings`. */
  settings: CallSettings | null;
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
  /** It rings for this user: since when (local ms, anew with the reminder), until when (by the service's clock). */
  ring: { callId: string; since: number; silent: boolean; reminder: boolean; expiresAt: string | null } | null;
  /** The call that rang last and was not answered on this device. */
  rang: string | null;
  /** How the last call ended, or how this device left it. */
  ended: { callId: string | null; reason: EndReason | LeaveCause | OwnReason | null; durationSecs: number | null; at: number } | null;
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
  /** One of the protocol's error codes, or `connection_lost`, `unreachable`, `microphone_*`, `speaker_unavailable`, `media_failed`. */
  readonly code: string;
  readonly call: Call | null;
  readonly retryAfterMs: number | null;
  /** Whether asking again may help: the trouble is in the way there, not in the request. */
  readonly isTransient: boolean;
  /** Asked too late: the call, or this device's part in it, was over already. */
  readonly isOver: boolean;
  /** Of an `error` frame of the protocol. */
  static fromFrame(frame: { code: string; message?: string; call?: Call; retry_after_ms?: number }): CallError;
}

export interface ClientEvents {
  /** `state` is another, or `isPlaybackBlocked` is. */
  change: Event;
  /** Something went wrong that no request of the app's brought about. */
  notice: CustomEvent<CallError>;
}

export class CallsClient extends EventTarget {
  constructor(options: ClientOptions);
  get state(): CallsState;
  /** Which one was chosen ('' is the system's default), what it gives, or why there is none. */
  get microphone(): { choice: string; track: MediaStreamTrack | null; error: CallError | null };
  get speaker(): { choice: string };
  /** The browser's autoplay policy wants a click (and then `resumePlayback`) before anything is heard. */
  get isPlaybackBlocked(): boolean;
  /** Of the present media session, for statistics of an app's own. */
  get peerConnection(): RTCPeerConnection | null;

  /** Signs in and stays connected until `close`. */
  connect(): void;
  close(): void;
  /** The network may have changed: tries now rather than later. */
  nudge(): void;

  /** Calls the channel's other members; joins if a call is live there already. */
  start(channelId: string): Promise<void>;
  /** Joins the channel's live call, or moves it here from another device. */
  join(channelId: string): Promise<void>;
  /** Says no: the caller is told. */
  decline(channelId: string): Promise<void>;
  /** Stops the ringing on all of this user's devices and tells nobody. */
  dismiss(channelId: string): Promise<void>;
  hangUp(): Promise<void>;
  /** Ends the call for everybody; the initiator's right. */
  end(channelId: string): Promise<void>;
  /** Rings again those who are not in the call: all of them, or these. */
  ring(channelId: string, userIds?: string[]): Promise<void>;
  setMuted(muted: boolean): Promise<void>;
  setDeafened(deafened: boolean): Promise<void>;

  /** The missed calls have been seen: the channel's, or all. */
  markSeen(channelId?: string): Promise<void>;
  /** The user's missed calls, seen or not, the newest first. */
  missedCalls(page?: PageOptions): Promise<Page<MissedCall>>;
  /** The user's ended calls in all channels, the newest first. */
  callHistory(page?: PageOptions): Promise<Page<PastCall>>;
  /** The ended calls of a channel, the newest first. */
  channelHistory(channelId: string, page?: PageOptions): Promise<Page<PastCall>>;

  loadSettings(): Promise<CallSettings>;
  setNotifications(notifications: Notifications): Promise<CallSettings>;
  block(userId: string): Promise<CallSettings>;
  unblock(userId: string): Promise<CallSettings>;

  microphones(): Promise<Device[]>;
  /** '' is the system's default. */
  setMicrophone(deviceId: string): Promise<void>;
  /** None where the browser leaves the choice to the system. */
  speakers(): Promise<Device[]>;
  setSpeaker(deviceId: string): Promise<void>;
  /** Replace it to feed another source: called whenever a microphone is to be opened. */
  getMicrophone(constraints: MediaStreamConstraints): Promise<MediaStream>;
  resumePlayback(): void;
  remoteStream(userId: string): MediaStream | null;
  /** How loud each remote user is just now, 0 to 1. */
  remoteLevels(): Map<string, number>;
  mediaStats(): Promise<MediaStats>;

  addEventListener<K extends keyof ClientEvents>(
    type: K,
    listener: (event: ClientEvents[K]) => void,
    options?: boolean | AddEventListenerOptions,
  ): void;
  removeEventListener<K extends keyof ClientEvents>(
    type: K,
    listener: (event: ClientEvents[K]) => void,
    options?: boolean | EventListenerOptions,
  ): void;
}

/** How long the service lets a lost participant come back (its default). */
export const GRACE_MS: number;
/** How long the reason of an end stands. */
export const ENDED_SHOWN_MS: number;
/** How long a ring covers part of the screen; a list of conversations goes on showing it. */
export const BANNER_SHOWN_MS: number;
/** An error in words for a person. */
export function describeError(error: unknown): string;
/** Why a WebSocket was closed, in words for a person. */
export function describeClose(code: number): string;
/** What is to be shown of a channel at a moment (local ms, as in all of these). */
export function phaseOf(state: CallsState, channelId: string, now: number): Phase;
/** Seconds since the call was answered, by the service's clock; null before. */
export function elapsed(state: CallsState, channelId: string, now: number): number | null;
/** Seconds left to come back; null while the line is open. */
export function graceLeft(state: CallsState, now: number): number | null;
/** Milliseconds since the service or the media went away; 0 while both are there. */
export function lostFor(state: CallsState, now: number): number;
/** The channels that ring for this user, the newest first. */
export function ringing(state: CallsState, now: number): string[];
/** Those of them whose ring still belongs on the screen. */
export function onScreen(state: CallsState, now: number): string[];
/** Whether the channel's ring may be heard. */
export function isLoud(state: CallsState, channelId: string): boolean;
/** The missed calls in a channel that have not been seen. */
export function missedIn(state: CallsState, channelId: string): MissedCall[];
/** Whether this user has blocked another. */
export function isBlocked(state: CallsState, userId: string): boolean;
/** The user is in the channel's call, but on another device. */
export function isElsewhere(state: CallsState, channelId: string): boolean;
/** This device's own voice: as asked for, until the service has answered. */
export function ownVoice(state: CallsState): { muted: boolean; deafened: boolean };
/** Who is in the channel's call, in the order of joining. */
export function participants(state: CallsState, channelId: string): VoiceState[];
export function channelOf(state: CallsState, channelId: string): ChannelState;
export function isLive(call: Call | null): boolean;
