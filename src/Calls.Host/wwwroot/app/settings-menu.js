// How one wants to be called: aloud, quietly, not at all; and by whom not.

import { createMenu } from './menu.js';
import { nameIn } from './words.js';

const NOTIFICATIONS = [
  { mode: 'normal', label: 'Ring', note: 'Calls ring aloud' },
  { mode: 'quiet', label: 'Quiet', note: 'Calls show without a sound' },
  { mode: 'do_not_disturb', label: 'Do not disturb', note: 'Calls are missed' },
];

/**
 * @param {import('../calls/calls-client').CallsClient} client
 * @param {{ channels(): object[], onError(error: unknown): void }} options
 */
export function createSettingsMenu(client, { channels, onError }) {
  return createMenu({
    icon: 'settings',
    label: 'Call settings',
    async groups() {
      const settings = await client.loadSettings().catch(onError);
      if (!settings) return [];
      return [
        {
          title: 'When somebody calls',
          items: NOTIFICATIONS.map(({ mode, label, note }) => ({
            label,
            note,
            checked: mode === settings.notifications,
            choose: () => client.setNotifications(mode).catch(onError),
          })),
        },
        {
          title: 'Blocked',
          items: settings.blocked.map((userId) => ({
            label: `Unblock ${nameIn(channels(), userId)}`,
            icon: 'block',
            choose: () => client.unblock(userId).catch(onError),
          })),
        },
      ];
    },
  });
}
