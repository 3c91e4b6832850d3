// What the service keeps for the user: past calls, missed ones, and the settings about being called.

export class Records {
  #rest;
  /** Changes of the settings, one after the other: each reads what the one before has written. */
  #changes = Promise.resolve();

  /** @param {import('./rest.js').Rest} rest */
  constructor(rest) {
    this.#rest = rest;
  }

  /** The ended calls of a channel, the newest first. */
  ofChannel(channelId, page) {
    return this.#list(`api/dm/${encodeURIComponent(channelId)}/calls`, page);
  }

  /** The user's own calls in all channels, the newest first. */
  ofUser(page) {
    return this.#list('api/me/calls', page);
  }

  /** The missed ones among them, seen or not. */
  missed(page) {
    return this.#list('api/me/calls', page, { missed: 'true' });
  }

  /**
   * Marks missed calls as seen.
   * @param {string[]} callIds
   * @returns {Promise<number>} how many are unseen yet
   */
  async see(callIds) {
    return (await this.#rest.post('api/me/calls/seen', { call_ids: callIds })).unseen;
  }

  /** @returns {Promise<import('./calls-client').CallSettings>} */
  settings() {
    return this.#rest.get('api/me/call-settings');
  }

  /**
   * Changes the settings by what they are at the service, where another device may have changed them meanwhile.
   * @param {(settings: import('./calls-client').CallSettings) => Partial<import('./calls-client').CallSettings>} how
   * @returns {Promise<import('./calls-client').CallSettings>}
   */
  change(how) {
    const changed = this.#changes.then(async () =>
      this.#rest.put('api/me/call-settings', how(await this.settings())),
    );
    this.#changes = changed.catch(() => {});
    return changed;
  }

  async #list(path, { before, limit } = {}, query = {}) {
    const asked = new URLSearchParams(query);
    if (before) asked.set('before', before);
    if (limit) asked.set('limit', String(limit));
    const { calls, next_before: nextBefore } = await this.#rest.get(`${path}?${asked}`);
    return { calls, nextBefore: nextBefore ?? null };
  }
}
