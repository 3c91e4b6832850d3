// Which microphone: a small menu beside the mute button.

import { h, icon, set } from './dom.js';

/** @param {import('../calls/calls-client').CallsClient} client */
export function createMicrophoneMenu(client, onError) {
  const list = h('div', { class: 'menu', role: 'menu', 'aria-label': 'Microphone', hidden: true });
  const button = h(
    'button',
    {
      type: 'button',
      class: 'icon-button narrow',
      'aria-label': 'Choose the microphone',
      'data-tip': 'Choose the microphone',
      'aria-haspopup': 'menu',
      'aria-expanded': 'false',
      onclick: () => (list.hidden ? open() : close()),
    },
    icon('chevron'),
  );
  const element = h('span', { class: 'menu-anchor' }, button, list);
  element.addEventListener('keydown', onKey);
  document.addEventListener('pointerdown', ({ target }) => element.contains(target) || close());
  // Plugged in or out while the menu is open.
  navigator.mediaDevices?.addEventListener('devicechange', () => list.hidden || open());

  async function open() {
    const microphones = [{ id: '', label: 'System default' }, ...(await client.microphones())];
    list.replaceChildren(h('p', { class: 'menu-title', text: 'Microphone' }), ...microphones.map(item));
    list.hidden = false;
    set(button, { 'aria-expanded': 'true' });
    (list.querySelector('[aria-checked="true"]') ?? items()[0]).focus();
  }

  function close() {
    if (list.hidden) return;
    const hadFocus = list.contains(document.activeElement);
    list.hidden = true;
    set(button, { 'aria-expanded': 'false' });
    if (hadFocus) button.focus();
  }

  function item({ id, label }) {
    const isChosen = client.microphone.choice === id;
    const choose = () => {
      close();
      client.setMicrophone(id).catch(onError);
    };
    return h(
      'button',
      { type: 'button', class: 'menu-item', role: 'menuitemradio', 'aria-checked': String(isChosen), onclick: choose },
      icon('check'),
      h('span', { text: label }),
    );
  }

  const items = () => [...list.querySelectorAll('.menu-item')];

  function onKey(event) {
    if (event.key === 'Escape') return close();
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step || list.hidden) return;
    event.preventDefault();
    const all = items();
    all[(all.indexOf(document.activeElement) + step + all.length) % all.length].focus();
  }

  return { element, close };
}
