// The demo page: signs a demo user in, shows their conversations and calls.
//
// Nothing global but `window.calls`, the tab's CallsClient once signed in: for the console and for tests.

import { CallsClient, isLoud, missedIn, onScreen, phaseOf } from '../calls/calls-client.js';
import { fetchChannels, getToken, signIn, signOut, signedIn } from './account.js';
import { announcement } from './announcements.js';
import { createBanners } from './banner.js';
import { createCallBar } from './call-bar.js';
import { h, icon, set } from './dom.js';
import { createHeader } from './header.js';
import { createAnnouncer, createNotices } from './notices.js';
import { Ring } from './ring.js';
import { createSidebar } from './sidebar.js';
import { createSignIn } from './sign-in.js';
import { createStage } from './stage.js';
import { applyTheme } from './theme.js';
import { createTrouble } from './trouble.js';
import { callerOf, refusalOf } from './words.js';

/** Often enough for timers and speaking marks to look alive. */
const REDRAW_MS = 200;

const root = document.getElementById('app');

applyTheme();
show();

function show() {
  const user = signedIn();
  if (user) run(user);
  else root.replaceChildren(createSignIn({ onSignIn: enter }));
}

function enter(user) {
  signIn(user);
  show();
}

/** Everything after the sign-in. */
function run(user) {
  const client = new CallsClient({ getToken });
  window.calls = client;
  const ring = new Ring();
  const notices = createNotices();
  const announcer = createAnnouncer();
  const attempt = (work) => work.catch((error) => notices.show(error));
  const page = { channels: [], selected: location.hash.slice(1) || null, lastCall: null, settled: false };

  const select = (channelId) => {
    page.selected = channelId;
    seen(channelId);
    history.replaceState(null, '', `#${channelId ?? ''}`);
    draw();
  };
  /** Whoever looks at a conversation has seen what they missed in it. */
  const seen = (channelId) => {
    if (missedIn(client.state, channelId).length === 0) return;
    client.markSeen(channelId).catch((error) => console.warn('calls: not marked as seen:', error.message));
  };
  const channelById = (id) => page.channels.find((channel) => channel.channel_id === id) ?? null;
  const actions = {
    onSelect: select,
    onBack: () => select(null),
    onSignOut: () => attempt(client.hangUp()).then(leave),
    onCall: (id) => client.start(id).catch((error) => notices.show(error, refusalOf(error, channelById(id), user.user_id))),
    onJoin: (id) => {
      select(id);
      attempt(client.join(id));
    },
    onDecline: (id) => attempt(client.decline(id)),
    onDismiss: (id) => attempt(client.dismiss(id)),
    onHangUp: () => attempt(client.hangUp()),
    onEnd: (id) => attempt(client.end(id)),
    onRing: (id, userId) => attempt(client.ring(id, [userId])),
    onUnblock: () => ring.unblock(),
    onError: (error) => notices.show(error),
    channels: () => page.channels,
  };

  const sidebar = createSidebar(client, actions);
  const header = createHeader(client, actions);
  const stage = createStage(client, actions);
  const banners = createBanners(actions);
  const bar = createCallBar(client, actions);
  const trouble = createTrouble(client);
  const hear = h(
    'button',
    { type: 'button', class: 'button primary hear', hidden: true, onclick: () => client.resumePlayback() },
    icon('sound'),
    h('span', { text: 'Click to hear the call' }),
  );
  const nothing = h('p', { class: 'nothing', text: 'Choose a conversation.' });
  const main = h('div', { class: 'main' }, header.element, stage.element, nothing);
  const frame = h('main', { class: 'frame' }, h('h1', { class: 'sr', text: 'Calls' }), sidebar.element, main);
  root.replaceChildren(
    h('div', { class: 'page' }, banners.element, trouble.element, frame, bar.element, hear, notices.element, announcer.element),
  );

  client.addEventListener('change', draw);
  client.addEventListener('notice', ({ detail }) => notices.show(detail));
  addEventListener('online', () => client.nudge());
  document.addEventListener('visibilitychange', () => document.hidden || client.nudge());
  document.addEventListener('pointerdown', touched);
  document.addEventListener('keydown', touched);
  setInterval(draw, REDRAW_MS);
  whenOpen(client, loadSettings);
  client.connect();
  loadChannels();

  /** A sign of life: sound is allowed from now on, and what is on the screen is being looked at. */
  function touched() {
    ring.unblock();
    client.resumePlayback();
    if (page.selected) seen(page.selected);
  }

  /** Nothing rings before it is known whether it may be heard. */
  async function loadSettings() {
    try {
      await client.loadSettings();
    } catch (error) {
      console.warn('calls: no settings:', error.message);
    }
    page.settled = true;
    draw();
  }

  async function loadChannels() {
    try {
      page.channels = await fetchChannels();
      page.selected ??= matchMedia('(min-width: 721px)').matches ? page.channels[0]?.channel_id : null;
      draw();
    } catch (error) {
      console.warn('calls: no conversations yet:', error.message);
      setTimeout(loadChannels, 2000);
    }
  }

  function draw() {
    const now = Date.now();
    const { state } = client;
    if (state.connection.reason === 'signed_out') return leave();
    page.lastCall = state.current?.channelId ?? page.lastCall;
    const channel = channelById(page.selected);
    ring.play(page.settled ? sound(state, now) : null);
    const model = { ...page, channel, user, state, now, ringBlocked: ring.isBlocked };
    sidebar.update(model);
    set(frame, { class: `frame${channel ? ' chosen' : ''}` });
    set(header.element, { hidden: !channel });
    set(stage.element, { hidden: !channel });
    set(nothing, { hidden: channel !== null });
    if (channel) {
      header.update(model);
      stage.update(model);
    }
    banners.update(model);
    bar.update(model);
    trouble.update(model);
    set(hear, { hidden: !client.isPlaybackBlocked || !state.current });
    announcer.say(announcement(model));
    set(document.querySelector('title'), { text: pageTitle(model) });
  }

  function leave() {
    client.close();
    signOut();
    location.replace(location.pathname);
  }
}

/** What is to be heard besides voices. */
function sound(state, now) {
  if (state.current) return phaseOf(state, state.current.channelId, now) === 'outgoing_ringing' ? 'outgoing' : null;
  return onScreen(state, now).some((id) => isLoud(state, id)) ? 'incoming' : null;
}

function pageTitle({ state, channels, now }) {
  const ringing = channels.find(({ channel_id: id }) => onScreen(state, now).includes(id));
  return ringing ? `${callerOf(state, ringing)} is calling…` : 'Calls';
}

/** Each time the line to the service is (again) there. */
function whenOpen(client, act) {
  let wasOpen = false;
  client.addEventListener('change', () => {
    const isOpen = client.state.connection.state === 'open';
    if (isOpen && !wasOpen) act();
    wasOpen = isOpen;
  });
}
