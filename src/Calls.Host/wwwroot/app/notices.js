// What went wrong, in words, for a few seconds; and what a screen reader should be told by the way.

import { describeError } from '../calls/calls-client.js';
import { h, iconButton } from './dom.js';

/** Long enough to read two lines twice. */
const SHOWN_MS = 8000;

export function createNotices() {
  const element = h('div', { class: 'notices', role: 'status', 'aria-label': 'Notices' });
  return {
    element,
    /**
     * @param {unknown} error
     * @param {string | null} [better] words for this very case
     */
    show(error, better = null) {
      console.warn('calls:', error);
      const words = better ?? describeError(error);
      if ([...element.children].some((notice) => notice.dataset.words === words)) return;
      const notice = h(
        'div',
        { class: 'notice', 'data-words': words },
        h('p', { text: words }),
        iconButton('close', 'Close', () => notice.remove()),
      );
      element.append(notice);
      setTimeout(() => notice.remove(), SHOWN_MS);
    },
  };
}

/** Says each text once, when it is another than before. */
export function createAnnouncer() {
  const element = h('div', { class: 'sr', 'aria-live': 'polite' });
  let last = '';
  return {
    element,
    say(text) {
      if (text === last) return;
      last = text;
      element.textContent = text;
    },
  };
}
