// The calls that a conversation has had, as lines in it; missed ones among them.

import { channelOf, missedIn } from '../calls/calls-client.js';
import { avatar, h, icon, set } from './dom.js';
import { clock, faceOf, nameOf, titleOf } from './words.js';

/** So many at once; the rest on demand. */
const PAGE = 20;

/** @param {import('../calls/calls-client').CallsClient} client */
export function createHistory(client) {
  const face = h('div', {});
  const title = h('p', { class: 'history-title' });
  const hint = h('p', { class: 'history-hint' });
  const list = h('ol', { class: 'history-list', 'aria-label': 'Calls in this conversation', hidden: true });
  const more = h('button', { type: 'button', class: 'link history-more', text: 'Earlier calls', hidden: true, onclick: earlier });
  const element = h('div', { class: 'history' }, face, title, hint, list, more);
  /** What the list is of; null when it must be asked for. */
  let shown = null;
  let model = null;
  let calls = [];
  let before = null;
  return {
    element,
    /** Asks the service again when the conversation, its last ended call or its missed calls are others. */
    update(next) {
      model = next;
      drawHead(next);
      const key = keyOf(next);
      if (key === shown || next.state.connection.state !== 'open') return;
      shown = key;
      load().catch(failed);
    },
  };

  function drawHead({ channel, user }) {
    if (face.dataset.channel === channel.channel_id) return;
    face.dataset.channel = channel.channel_id;
    const name = titleOf(channel, user.user_id);
    face.replaceChildren(avatar(faceOf(channel, user.user_id), name, `large ${channel.kind}`));
    set(title, { text: name });
    set(hint, { text: `Press the phone to call ${channel.kind === 'direct' ? name : 'everybody here'}.` });
    list.hidden = more.hidden = true;
  }

  async function load() {
    const [key, id] = [shown, model.channel.channel_id];
    const [ended, missed] = await Promise.all([
      client.channelHistory(id, { limit: PAGE }),
      client.missedCalls({ limit: PAGE }),
    ]);
    if (key !== shown) return;
    // A call that did not come through stands with the missed ones only, as it never began.
    const known = new Set(ended.calls.map((call) => call.call_id));
    const unknown = missed.calls.filter((call) => call.channel_id === id && !known.has(call.call_id) && isWithin(call, ended));
    calls = [...ended.calls, ...unknown.map(asMissed)].sort((a, b) => Date.parse(b.started_at) - Date.parse(a.started_at));
    before = ended.nextBefore;
    draw();
  }

  function earlier() {
    const key = shown;
    client
      .channelHistory(model.channel.channel_id, { limit: PAGE, before })
      .then((page) => {
        if (key !== shown) return;
        calls = [...calls, ...page.calls];
        before = page.nextBefore;
        draw();
      })
      .catch(failed);
  }

  function draw() {
    list.replaceChildren(...calls.map((call) => line(call, model.channel, model.user)));
    list.hidden = calls.length === 0;
    more.hidden = before === null;
  }

  /** Asked again with the next change or connection. */
  function failed(error) {
    console.warn('calls: no history:', error.message);
  }
}

function keyOf({ channel, state }) {
  const id = channel.channel_id;
  const missed = missedIn(state, id)[0]?.call_id;
  return missed ? `${id} ${channelOf(state, id).endedId} ${missed}` : `${id} ${channelOf(state, id).endedId}`;
}

/** Not older than what is shown. */
const isWithin = (call, { calls, nextBefore }) =>
  nextBefore === null || Date.parse(call.started_at) >= Date.parse(calls.at(-1).started_at);

const asMissed = (call) => ({ ...call, started_by: call.initiator, missed: true, duration_secs: null });

function line(call, channel, user) {
  const when = new Date(call.started_at);
  return h(
    'li',
    { class: `history-line${call.missed ? ' missed' : ''}` },
    icon(call.duration_secs === null ? 'hangup' : 'phone'),
    h('span', { text: outcome(call, channel, user.user_id) }),
    h('time', { datetime: call.started_at, text: when.toLocaleString([], { dateStyle: 'medium', timeStyle: 'short' }) }),
  );
}

function outcome(call, channel, self) {
  const caller = nameOf(channel, call.started_by);
  if (call.missed) return `Missed call from ${caller}`;
  const who = call.started_by === self ? 'You' : caller;
  if (call.duration_secs !== null) return `${who} called • ${clock(call.duration_secs)}`;
  if (call.started_by !== self) return call.declined_by.includes(self) ? `${who} called, you declined` : `${who} called`;
  return { all_declined: 'You called, declined', cancelled: 'You called and hung up' }[call.reason] ?? 'You called, no answer';
}
