import { element } from './elements.ts';

const THEMES = [
  { value: '', label: 'Theme: as the system' },
  { value: 'light', label: 'Theme: light' },
  { value: 'dark', label: 'Theme: dark' },
] as const;

/** One button that goes through the themes. Nothing is kept: the page leaves no trace in the browser. */
export function startTheme(): void {
  const button = element('theme', HTMLButtonElement);
  let at = 0;
  button.addEventListener('click', () => {
    at = (at + 1) % THEMES.length;
    const theme = THEMES[at] ?? THEMES[0];
    if (theme.value === '') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme.value;
    button.textContent = theme.label;
  });
}
