// Just enough to build and update elements without a framework.

const SVG = 'http://www.w3.org/2000/svg';

/**
 * An element. Properties: `class`, `text`, `hidden`, `on…` (listeners), everything else is an attribute.
 * @returns {HTMLElement}
 */
export function h(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
  }
  set(element, properties);
  element.append(...children.filter((child) => child != null));
  return element;
}

/** Brings an element's properties up to date, touching only what differs: a screen reader hears every touch. */
export function set(element, properties) {
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith('on')) continue;
    if (name === 'text') {
      if (element.textContent !== value) element.textContent = value;
    } else if (name === 'hidden') {
      if (element.hidden !== value) element.hidden = value;
    } else if (value == null || value === false) {
      element.removeAttribute(name);
    } else if (element.getAttribute(name) !== String(value)) {
      element.setAttribute(name, String(value));
    }
  }
  return element;
}

/**
 * Makes `container`'s children be one for each item, in order, keeping those that are there already.
 * @param {(item: any) => { element: Element, update(item: any): void }} create
 */
export function keyed(container, items, keyOf, create) {
  container.views ??= new Map();
  const keys = items.map(keyOf);
  for (const [key, view] of container.views) {
    if (keys.includes(key)) continue;
    view.element.remove();
    container.views.delete(key);
  }
  items.forEach((item, index) => {
    const key = keys[index];
    const view = container.views.get(key) ?? create(item);
    container.views.set(key, view);
    if (container.children[index] !== view.element) container.insertBefore(view.element, container.children[index] ?? null);
    view.update(item);
  });
}

const ICONS = {
  phone:
    'M6.6 3.2 9 3c.5 0 .9.3 1.1.7l1.3 3.2c.2.4.1.9-.2 1.2L9.6 9.7a12 12 0 0 0 4.7 4.7l1.6-1.6c.3-.3.8-.4 1.2-.2l3.2 1.3c.4.2.7.6.7 1.1l-.2 2.4c-.1 1.9-1.7 3.3-3.6 3.1C9.8 19.9 4.1 14.2 3.5 6.8c-.2-1.9 1.2-3.5 3.1-3.6z',
  hangup:
    'M12 9c-3.3 0-6.4.8-8.9 2.3-1.3.8-1.7 2.4-1.1 3.7l.7 1.6c.2.5.8.8 1.3.7l3.5-.8c.5-.1.8-.5.9-1l.2-2.2a13 13 0 0 1 6.8 0l.2 2.2c.1.5.4.9.9 1l3.5.8c.5.1 1.1-.2 1.3-.7l.7-1.6c.6-1.3.2-2.9-1.1-3.7C18.4 9.8 15.3 9 12 9z',
  camera: 'M4.5 6h8A2.5 2.5 0 0 1 15 8.5v7a2.5 2.5 0 0 1-2.5 2.5h-8A2.5 2.5 0 0 1 2 15.5v-7A2.5 2.5 0 0 1 4.5 6zm12 4.3 4-2.6c.6-.4 1.5 0 1.5.8v7c0 .8-.9 1.2-1.5.8l-4-2.6z',
  mic: 'M12 2.5a3.5 3.5 0 0 0-3.5 3.5v5.5a3.5 3.5 0 0 0 7 0V6A3.5 3.5 0 0 0 12 2.5zM5 11.5a1 1 0 0 1 2 0 5 5 0 0 0 10 0 1 1 0 1 1 2 0 7 7 0 0 1-6 6.9V21a1 1 0 1 1-2 0v-2.6a7 7 0 0 1-6-6.9z',
  micOff:
    'M3.3 2.3a1 1 0 0 0-1 1.7L8.5 10v1.5a3.5 3.5 0 0 0 4.9 3.2l1.5 1.5A5 5 0 0 1 7 11.5a1 1 0 1 0-2 0 7 7 0 0 0 6 6.9V21a1 1 0 1 0 2 0v-2.6a7 7 0 0 0 3.3-1.3l3.7 3.7a1 1 0 0 0 1.4-1.4zM15.5 6v5.5l-.1.6L8.5 5.4A3.5 3.5 0 0 1 15.5 6zm3.5 5.5c0 1.1-.3 2.2-.7 3.1l-1.5-1.5c.1-.5.2-1 .2-1.6a1 1 0 1 1 2 0z',
  sound:
    'M12 3a9 9 0 0 0-9 9v5a3 3 0 0 0 3 3h1a1.5 1.5 0 0 0 1.5-1.5v-5A1.5 1.5 0 0 0 7 12H5a7 7 0 0 1 14 0h-2a1.5 1.5 0 0 0-1.5 1.5v5A1.5 1.5 0 0 0 17 20h1a3 3 0 0 0 3-3v-5a9 9 0 0 0-9-9z',
  soundOff:
    'M3.3 2.3a1 1 0 0 0-1 1.7l2.8 2.8A9 9 0 0 0 3 12v5a3 3 0 0 0 3 3h1a1.5 1.5 0 0 0 1.5-1.5v-5A1.5 1.5 0 0 0 7 12H5c0-1.4.4-2.7 1.1-3.8l9.4 9.4v.9A1.5 1.5 0 0 0 17 20h.9l1.9 1.9a1 1 0 0 0 1.4-1.4zM21 12v5l-.1.7-2.3-2.3-3-3A1.5 1.5 0 0 1 17 12h2A7 7 0 0 0 9.3 5.5L7.8 4A9 9 0 0 1 21 12z',
  close: 'M6.3 4.9a1 1 0 0 0-1.4 1.4l5.7 5.7-5.7 5.7a1 1 0 1 0 1.4 1.4l5.7-5.7 5.7 5.7a1 1 0 0 0 1.4-1.4L13.4 12l5.7-5.7a1 1 0 0 0-1.4-1.4L12 10.6z',
  chevron: 'M5.3 9.3a1 1 0 0 1 1.4 0l5.3 5.3 5.3-5.3a1 1 0 1 1 1.4 1.4l-6 6a1 1 0 0 1-1.4 0l-6-6a1 1 0 0 1 0-1.4z',
  back: 'M14.7 5.3a1 1 0 0 1 0 1.4L9.4 12l5.3 5.3a1 1 0 0 1-1.4 1.4l-6-6a1 1 0 0 1 0-1.4l6-6a1 1 0 0 1 1.4 0z',
  moon: 'M20.6 14.5A8.5 8.5 0 0 1 9.5 3.4a.7.7 0 0 0-.9-.9 9.5 9.5 0 1 0 12.9 12.9.7.7 0 0 0-.9-.9z',
  sun: 'M12 7a5 5 0 1 0 0 10 5 5 0 0 0 0-10zm0-5.5a1 1 0 0 1 1 1V4a1 1 0 1 1-2 0V2.5a1 1 0 0 1 1-1zm0 17.5a1 1 0 0 1 1 1v1.5a1 1 0 1 1-2 0V20a1 1 0 0 1 1-1zM1.5 12a1 1 0 0 1 1-1H4a1 1 0 1 1 0 2H2.5a1 1 0 0 1-1-1zM19 12a1 1 0 0 1 1-1h1.5a1 1 0 1 1 0 2H20a1 1 0 0 1-1-1zM4.6 4.6a1 1 0 0 1 1.4 0l1 1a1 1 0 0 1-1.4 1.4l-1-1a1 1 0 0 1 0-1.4zM17 17a1 1 0 0 1 1.4 0l1 1a1 1 0 0 1-1.4 1.4l-1-1A1 1 0 0 1 17 17zm2.4-12.4a1 1 0 0 1 0 1.4l-1 1A1 1 0 0 1 17 5.6l1-1a1 1 0 0 1 1.4 0zM7 17a1 1 0 0 1 0 1.4l-1 1A1 1 0 0 1 4.6 18l1-1A1 1 0 0 1 7 17z',
  leave: 'M10 3a1 1 0 1 1 0 2H6.5A1.5 1.5 0 0 0 5 6.5v11A1.5 1.5 0 0 0 6.5 19H10a1 1 0 1 1 0 2H6.5A3.5 3.5 0 0 1 3 17.5v-11A3.5 3.5 0 0 1 6.5 3zm6.3 4.3a1 1 0 0 1 1.4 0l4 4a1 1 0 0 1 0 1.4l-4 4a1 1 0 0 1-1.4-1.4l2.3-2.3H10a1 1 0 1 1 0-2h8.6l-2.3-2.3a1 1 0 0 1 0-1.4z',
  bell: 'M12 2.5a1 1 0 0 1 1 1v.6a6 6 0 0 1 5 5.9v3.6l1.7 2.6a1 1 0 0 1-.8 1.5H5.1a1 1 0 0 1-.8-1.5L6 13.6V10a6 6 0 0 1 5-5.9v-.6a1 1 0 0 1 1-1zM9.5 19h5a2.5 2.5 0 0 1-5 0z',
  people:
    'M9 4.5a3.5 3.5 0 1 1 0 7 3.5 3.5 0 0 1 0-7zm7.5 1.5a3 3 0 1 1-1.7 5.5 5.4 5.4 0 0 0 0-5 3 3 0 0 1 1.7-.5zM9 13c3.6 0 6.5 2 6.5 4.5V19a1 1 0 0 1-1 1h-11a1 1 0 0 1-1-1v-1.5C2.5 15 5.4 13 9 13zm8 .7c2.7.3 4.7 1.9 4.7 3.9v.9a1 1 0 0 1-1 1h-3.4v-2c0-1.5-.7-2.8-1.8-3.8z',
  settings:
    'M4 7a1 1 0 0 1 1-1h6.2a3 3 0 0 1 5.6 0H19a1 1 0 1 1 0 2h-2.2a3 3 0 0 1-5.6 0H5a1 1 0 0 1-1-1zm0 10a1 1 0 0 1 1-1h2.2a3 3 0 0 1 5.6 0H19a1 1 0 1 1 0 2h-6.2a3 3 0 0 1-5.6 0H5a1 1 0 0 1-1-1z',
  more: 'M5 10a2 2 0 1 1 0 4 2 2 0 0 1 0-4zm7 0a2 2 0 1 1 0 4 2 2 0 0 1 0-4zm7 0a2 2 0 1 1 0 4 2 2 0 0 1 0-4z',
  block:
    'M12 3a9 9 0 1 1 0 18 9 9 0 0 1 0-18zm0 2a7 7 0 0 0-5.6 11.2l9.8-9.8A7 7 0 0 0 12 5zm5.6 2.8-9.8 9.8a7 7 0 0 0 9.8-9.8z',
  check: 'M9.5 17.2 4.8 12.5a1 1 0 0 1 1.4-1.4l3.3 3.3 8.3-8.3a1 1 0 1 1 1.4 1.4z',
};

/** An icon; hidden from screen readers, which are told by the button's name. */
export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  set(svg, { viewBox: '0 0 24 24', class: 'icon', 'aria-hidden': 'true', focusable: 'false' });
  const path = document.createElementNS(SVG, 'path');
  svg.append(path);
  setIcon(svg, name);
  return svg;
}

/** Shows another icon in place of the one there. */
export function setIcon(svg, name) {
  set(svg.firstChild, { d: ICONS[name] });
}

/** A round button with an icon and a name; `extra` as in `h`. */
export function iconButton(name, label, onclick, extra = {}) {
  return h('button', { type: 'button', class: 'icon-button', 'aria-label': label, 'data-tip': label, onclick, ...extra }, icon(name));
}

/** A person's disc with their first letter, or a group's tile; the colour follows from the id and stays. */
export function avatar(id, name, extra = '') {
  let hash = 0;
  for (const character of id) hash = (hash * 31 + character.codePointAt(0)) % 9973;
  const isGroup = extra.split(' ').includes('group');
  const mark = isGroup ? icon('people') : ([...name][0]?.toUpperCase() ?? '?');
  return h('span', { class: `avatar tint-${hash % 6} ${extra}`, 'aria-hidden': 'true' }, mark);
}

/** Something that cannot be pressed now says why, and stays reachable by keyboard so that the reason can be read. */
export function setDisabled(button, reason, label) {
  set(button, {
    'aria-disabled': reason ? 'true' : null,
    'aria-description': reason,
    'data-tip': reason ?? label,
    'aria-label': label,
  });
}
