// Which microphone and which loudspeaker: a small menu beside the mute button.

import { createMenu } from './menu.js';

/** @param {import('../calls/calls-client').CallsClient} client */
export function createDeviceMenu(client, onError) {
  const menu = createMenu({
    icon: 'chevron',
    label: 'Microphone and speaker',
    buttonClass: 'narrow',
    groups: async () => [
      { title: 'Microphone', items: choices(await client.microphones(), client.microphone.choice, choose('setMicrophone')) },
      { title: 'Speaker', items: choices(await client.speakers(), client.speaker.choice, choose('setSpeaker')) },
    ],
  });
  // Plugged in or out while the menu is open.
  navigator.mediaDevices?.addEventListener('devicechange', () => menu.isOpen && menu.open());
  return menu;

  function choose(method) {
    return (id) => client[method](id).catch(onError);
  }
}

/** The devices of a kind, the system's choice first; nothing where there is nothing to choose. */
function choices(devices, chosen, choose) {
  if (devices.length === 0) return [];
  const known = devices.some(({ id }) => id === chosen) ? chosen : '';
  return [{ id: '', label: 'System default' }, ...devices].map(({ id, label }) => ({
    label,
    checked: id === known,
    choose: () => choose(id),
  }));
}
