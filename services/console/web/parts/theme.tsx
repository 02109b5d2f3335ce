import { Store, useStore } from '../store.ts';

type Theme = 'system' | 'light' | 'dark';
const NEXT: Readonly<Record<Theme, Theme>> = { system: 'light', light: 'dark', dark: 'system' };

const chosen = new Store<Theme>((document.documentElement.dataset.theme as Theme) ?? 'system');
/** Changes whenever colours do: what is drawn on a canvas must be drawn again. */
export const themeChanges = new Store(0);
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', changed);

function changed(): void {
  themeChanges.set(themeChanges.value + 1);
}

function choose(theme: Theme): void {
  if (theme === 'system') {
    delete document.documentElement.dataset.theme;
    localStorage.removeItem('theme');
  } else {
    document.documentElement.dataset.theme = theme;
    localStorage.setItem('theme', theme);
  }
  chosen.set(theme);
  changed();
}

/** As the system has it, light, dark; remembered in this browser. */
export function ThemeToggle() {
  const theme = useStore(chosen);
  const label = `Theme: ${theme}. Change to ${NEXT[theme]}`;
  return (
    <button
      type="button"
      class="plain icon"
      onClick={() => choose(NEXT[theme])}
      aria-label={label}
      title={label}
    >
      <svg viewBox="0 0 24 24" aria-hidden="true">
        <circle cx="12" cy="12" r="8" />
        {theme === 'dark' && <path d="M12 4a8 8 0 0 1 0 16z" fill="currentColor" />}
        {theme === 'light' && <path d="M12 9v6M9 12h6" />}
        {theme === 'system' && <path d="M12 4v16" />}
      </svg>
    </button>
  );
}
