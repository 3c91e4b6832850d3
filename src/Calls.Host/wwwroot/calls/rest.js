// The service's REST side: what is asked for now and then, and told to nobody by itself.

import { CallError } from './errors.js';

/** How long an answer may take; the service itself gives up after 10 s. */
const PATIENCE_MS = 15000;

export class Rest {
  #base;
  #getToken;

  /**
   * @param {object} options
   * @param {string} options.base where the service is: `https://calls.example/`
   * @param {(why: { renew: boolean }) => Promise<string | null>} options.getToken null means: signed out
   */
  constructor({ base, getToken }) {
    this.#base = base;
    this.#getToken = getToken;
  }

  /** @param {string} path may have a query of its own */
  get(path) {
    return this.#ask('GET', path);
  }

  post(path, body) {
    return this.#ask('POST', path, body);
  }

  put(path, body) {
    return this.#ask('PUT', path, body);
  }

  /** A token that is not accepted any more is renewed once. */
  async #ask(method, path, body) {
    const answer = await this.#send(method, path, body, false);
    return read(answer.status === 401 ? await this.#send(method, path, body, true) : answer);
  }

  async #send(method, path, body, renew) {
    const token = await this.#token(renew);
    try {
      return await fetch(new URL(path, this.#base), {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: body && JSON.stringify(body),
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
    } catch (cause) {
      throw new CallError('unreachable', undefined, { cause });
    }
  }

  async #token(renew) {
    let token;
    try {
      token = await this.#getToken({ renew });
    } catch (cause) {
      throw new CallError('unreachable', undefined, { cause });
    }
    if (!token) throw new CallError('unauthenticated');
    return token;
  }
}

async function read(answer) {
  // A proxy in between may answer with a page of its own.
  const body = await answer.json().catch(() => null);
  if (answer.ok && body !== null) return body;
  throw new CallError(body?.code ?? 'unreachable', body?.error ?? `HTTP ${answer.status}`, {
    retryAfterMs: body?.retry_after_ms,
  });
}
