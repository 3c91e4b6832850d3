// A button that opens a small menu: with the mouse, with the arrow keys, closed by Escape or a press elsewhere.

import { h, icon, iconButton, set } from './dom.js';

/**
 * @typedef {{ label: string, checked?: boolean, icon?: string, note?: string, choose(): void }} Item
 * @typedef {{ title: string, items: Item[] }} Group groups with `checked` items are choices of one
 * @param {object} options
 * @param {string} options.icon
 * @param {string} options.label the button's and the menu's name
 * @param {string} [options.buttonClass]
 * @param {() => Promise<Group[]> | Group[]} options.groups asked each time the menu opens
 */
export function createMenu({ icon: symbol, label, buttonClass = '', groups }) {
  const list = h('div', { class: 'menu', role: 'menu', 'aria-label': label, hidden: true });
  const button = iconButton(symbol, label, () => (list.hidden ? open() : close()), {
    class: `icon-button ${buttonClass}`,
    'aria-haspopup': 'menu',
    'aria-expanded': 'false',
  });
  const element = h('span', { class: 'menu-anchor' }, button, list);
  element.addEventListener('keydown', onKey);
  element.addEventListener('focusout', ({ relatedTarget }) => relatedTarget && !element.contains(relatedTarget) && close());
  document.addEventListener('pointerdown', ({ target }) => element.contains(target) || close());

  async function open() {
    const drawn = (await groups()).filter(({ items }) => items.length > 0).map(drawGroup);
    list.replaceChildren(...drawn);
    list.hidden = false;
    set(button, { 'aria-expanded': 'true' });
    (list.querySelector('[aria-checked="true"]') ?? items()[0])?.focus();
  }

  function close() {
    if (list.hidden) return;
    const hadFocus = list.contains(document.activeElement);
    list.hidden = true;
    set(button, { 'aria-expanded': 'false' });
    if (hadFocus) button.focus();
  }

  function drawGroup({ title, items: entries }) {
    return h(
      'div',
      { class: 'menu-group', role: 'group', 'aria-label': title },
      h('p', { class: 'menu-title', 'aria-hidden': 'true', text: title }),
      ...entries.map(drawItem),
    );
  }

  function drawItem({ label: words, checked, icon: mark = 'check', note, choose }) {
    const isChoice = checked !== undefined;
    const onclick = () => {
      close();
      choose();
    };
    return h(
      'button',
      {
        type: 'button',
        class: 'menu-item',
        role: isChoice ? 'menuitemradio' : 'menuitem',
        'aria-checked': isChoice ? String(checked) : null,
        tabindex: '-1',
        onclick,
      },
      icon(mark),
      h('span', { class: 'menu-words' }, h('span', { text: words }), note && h('span', { class: 'menu-note', text: note })),
    );
  }

  const items = () => [...list.querySelectorAll('.menu-item')];

  function onKey(event) {
    if (list.hidden) return;
    if (event.key === 'Escape') return close();
    const all = items();
    const at = all.indexOf(document.activeElement);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    all.at(next % all.length)?.focus();
  }

  return { element, open, close, get isOpen() { return !list.hidden; } };
}
