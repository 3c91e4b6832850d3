// The conversations, with what is live in each, and who one is.

import { channelOf, isLive, missedIn } from '../calls/calls-client.js';
import { avatar, h, iconButton, keyed, set, setIcon } from './dom.js';
import { createSettingsMenu } from './settings-menu.js';
import { isDark, toggleTheme } from './theme.js';
import { faceOf, statusOf, titleOf } from './words.js';

/**
 * @param {import('../calls/calls-client').CallsClient} client
 * @param {{ onSelect(channelId: string): void, onSignOut(): void, onError(error: unknown): void, channels(): object[] }} actions
 */
export function createSidebar(client, { onSelect, onSignOut, onError, channels }) {
  const list = h('ul', { class: 'channel-list' });
  const own = createOwn(createSettingsMenu(client, { channels, onError }), onSignOut);
  const element = h(
    'nav',
    { class: 'sidebar', 'aria-label': 'Conversations' },
    h('h2', { class: 'sidebar-title', text: 'Messages' }),
    list,
    own.element,
  );
  return {
    element,
    update(model) {
      const items = model.channels.map((channel) => ({ channel, model }));
      keyed(list, items, ({ channel }) => channel.channel_id, ({ channel }) => createItem(channel, model, onSelect));
      own.update(model);
    },
  };
}

function createItem(channel, model, onSelect) {
  const title = titleOf(channel, model.user.user_id);
  const status = h('span', { class: 'channel-status' });
  const mark = h('span', { class: 'mark' });
  const button = h(
    'button',
    { type: 'button', class: 'channel-item', onclick: () => onSelect(channel.channel_id) },
    avatar(faceOf(channel, model.user.user_id), title, channel.kind),
    h('span', { class: 'channel-words' }, h('span', { class: 'channel-name', text: title }), status),
    mark,
  );
  return {
    element: h('li', {}, button),
    update({ channel, model: { state, selected, now } }) {
      const { phase, text } = statusOf(state, channel, now);
      const missed = missedIn(state, channel.channel_id).length;
      const live = isLive(channelOf(state, channel.channel_id).call);
      const isMissed = missed > 0 && !live;
      set(button, { 'aria-current': channel.channel_id === selected ? 'true' : null, 'data-phase': phase });
      set(status, { text: isMissed && phase === 'idle' ? missedWords(missed) : text, class: `channel-status${isMissed ? ' missed' : ''}` });
      set(mark, {
        class: `mark${live ? ' live' : ''}${isMissed ? ' count' : ''}`,
        text: isMissed ? String(missed) : '',
        hidden: !live && !isMissed,
        'aria-hidden': 'true',
      });
    },
  };
}

const missedWords = (count) => (count === 1 ? 'Missed call' : `${count} missed calls`);

const CONNECTION_WORDS = {
  connecting: 'Connecting…',
  waiting: 'Offline',
  closed: 'Offline',
};

/** The mode stands where "Online" would: a quiet phone should be no riddle. */
const MODE_WORDS = { normal: 'Online', quiet: 'Quiet', do_not_disturb: 'Do not disturb' };

function createOwn(settings, onSignOut) {
  const name = h('span', { class: 'own-name' });
  const connection = h('span', { class: 'own-connection' });
  const face = h('span', {});
  const theme = iconButton('moon', 'Dark theme', () => {
    toggleTheme();
    drawTheme();
  });
  function drawTheme() {
    const label = isDark() ? 'Light theme' : 'Dark theme';
    setIcon(theme.firstChild, isDark() ? 'sun' : 'moon');
    set(theme, { 'aria-label': label, 'data-tip': label });
  }
  drawTheme();
  return {
    element: h(
      'div',
      { class: 'own' },
      face,
      h('span', { class: 'own-words' }, name, connection),
      settings.element,
      theme,
      iconButton('leave', 'Sign out', onSignOut),
    ),
    update({ user, state }) {
      if (!face.firstChild) face.append(avatar(user.user_id, user.name, 'small'));
      set(name, { text: user.name });
      const mode = state.settings?.notifications ?? 'normal';
      const isOpen = state.connection.state === 'open';
      set(connection, {
        text: isOpen ? MODE_WORDS[mode] : CONNECTION_WORDS[state.connection.state],
        'data-state': state.connection.state,
        'data-mode': mode,
      });
    },
  };
}
