// Light or dark: the system's wish, until a person chooses.

const KEY = 'calls.theme';

const system = matchMedia('(prefers-color-scheme: dark)');

/** Puts the chosen theme on the page, if one was chosen. */
export function applyTheme() {
  const chosen = localStorage.getItem(KEY);
  if (chosen) document.documentElement.dataset.theme = chosen;
}

export function isDark() {
  return (document.documentElement.dataset.theme ?? (system.matches ? 'dark' : 'light')) === 'dark';
}

export function toggleTheme() {
  localStorage.setItem(KEY, isDark() ? 'light' : 'dark');
  applyTheme();
}
