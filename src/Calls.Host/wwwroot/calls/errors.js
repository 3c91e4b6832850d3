// What can go wrong in a call, by code, and how to say it to a person.

/**
 * A refused request, a lost connection or a microphone that cannot be had.
 * `code` is one of the protocol's error codes or one of the client's own (see `WORDS`).
 */
export class CallError extends Error {
  /**
   * @param {string} code
   * @param {string} [message] the service's own words, for logs
   * @param {{ call?: import('./calls-client').Call, retryAfterMs?: number, cause?: unknown }} [details]
   */
  constructor(code, message, details = {}) {
    super(message ?? WORDS[code] ?? code, { cause: details.cause });
    this.name = 'CallError';
    this.code = code;
    this.call = details.call ?? null;
    this.retryAfterMs = details.retryAfterMs ?? null;
  }

  /** Whether asking again by itself may help: the trouble is in the way there, not in the request. */
  get isTransient() {
    return TRANSIENT.has(this.code);
  }

  /** Asked too late: the call, or this device's part in it, was over already. */
  get isOver() {
    return OVER.has(this.code);
  }

  /** @param {object} frame an `error` frame of the protocol */
  static fromFrame(frame) {
    return new CallError(frame.code, frame.message, { call: frame.call, retryAfterMs: frame.retry_after_ms });
  }
}

const TRANSIENT = new Set(['connection_lost', 'unreachable', 'internal_error', 'media_unavailable']);

const OVER = new Set(['call_not_found', 'invalid_transition']);

const WORDS = {
  // The protocol's.
  unauthenticated: 'You are signed out. Sign in again to call.',
  token_expired: 'Your sign-in has expired. Sign in again to call.',
  invalid_message: 'The service did not understand this app. Reload the page to get its newest version.',
  unknown_type: 'The service does not know this function. Reload the page to get its newest version.',
  call_not_found: 'This call is over.',
  call_already_exists: 'A call is going on here already.',
  invalid_transition: 'That is not possible any more: the call has moved on.',
  call_full: 'The call is full.',
  no_recipients: 'There is nobody here who could answer.',
  forbidden: 'You may not do that in this conversation.',
  rate_limited: 'Too many calls in a short time.',
  user_unavailable: 'Not available right now.',
  media_unavailable: 'No server can take the call right now. Try again in a moment.',
  stale_media: 'The connection for sound was replaced meanwhile.',
  internal_error: 'The service has had a problem. Try again.',
  // The client's own.
  connection_lost: 'The connection was lost before the service answered.',
  unreachable: 'The call service cannot be reached. Check your connection.',
  microphone_denied: 'The microphone is blocked. Allow it in the browser’s address bar, then press unmute.',
  microphone_missing: 'No microphone was found. Connect one, then press unmute.',
  microphone_busy: 'The microphone cannot be opened: another app may be using it.',
  microphone_insecure: 'Browsers give the microphone only to pages loaded over HTTPS or from localhost.',
  speaker_unavailable: 'This speaker cannot be used.',
  media_failed: 'The sound cannot get through. Your network may block it.',
};

/**
 * An error in words for a person.
 * @param {unknown} error
 * @returns {string}
 */
export function describeError(error) {
  const words = WORDS[error?.code] ?? 'Something went wrong.';
  if (error?.code !== 'rate_limited' || !error.retryAfterMs) return words;
  return `${words} Try again in ${Math.ceil(error.retryAfterMs / 1000)} s.`;
}

const CLOSE_WORDS = {
  1001: 'The server is being restarted.',
  1003: 'The service refused a message of this app.',
  1007: 'The service refused a message of this app.',
  1009: 'A message of this app was too large.',
  4400: 'The service did not understand this app. Reload the page to get its newest version.',
  4401: 'Your sign-in is no longer valid.',
  4408: 'The connection went silent.',
  4429: 'Too many messages in a short time.',
};

/**
 * Why a WebSocket was closed, in words.
 * @param {number} code
 * @returns {string}
 */
export function describeClose(code) {
  return CLOSE_WORDS[code] ?? 'The connection to the call service was lost.';
}

const MICROPHONE_ERRORS = {
  NotAllowedError: 'microphone_denied',
  SecurityError: 'microphone_denied',
  NotFoundError: 'microphone_missing',
  OverconstrainedError: 'microphone_missing',
  NotReadableError: 'microphone_busy',
  AbortError: 'microphone_busy',
};

/**
 * What `getUserMedia` threw, as a CallError.
 * @param {unknown} cause
 * @returns {CallError}
 */
export function microphoneError(cause) {
  if (cause instanceof CallError) return cause;
  return new CallError(MICROPHONE_ERRORS[cause?.name] ?? 'microphone_busy', undefined, { cause });
}
