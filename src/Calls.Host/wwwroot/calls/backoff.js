// How long to wait before trying again.

/** First pause: short enough that a blip is hardly noticed. */
const FIRST_MS = 300;

/** Longest pause: below the service's grace of 15 s, so that a participant always gets several tries in it. */
const LONGEST_MS = 5000;

/**
 * Exponential backoff with full jitter on the upper half: after a restart a thousand clients
 * come back spread out, and none of them at once.
 */
export class Backoff {
  /** @param {() => number} random 0 ≤ x < 1 */
  constructor(random = Math.random) {
    this.random = random;
    this.attempts = 0;
  }

  /** The next pause in milliseconds. */
  next() {
    const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** this.attempts);
    this.attempts += 1;
    return ceiling / 2 + (this.random() * ceiling) / 2;
  }

  reset() {
    this.attempts = 0;
  }
}
