import { getLocale, setLocale, type Locale } from '#lib/paraglide/runtime.js';

export type Theme = 'system' | 'light' | 'dark';

const themeKey = 'tongka-theme';
const elderlyKey = 'tongka-elderly';

function keep(key: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // A private window may refuse storage; the choice then lasts as long as the page.
  }
}

function kept(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

/** How this phone likes its screens. boot.js applies the same keys before the first paint. */
class Preferences {
  #theme = $state<Theme>(asTheme(kept(themeKey)));
  #elderly = $state(kept(elderlyKey) === '1');

  get theme(): Theme {
    return this.#theme;
  }
  set theme(theme: Theme) {
    this.#theme = theme;
    keep(themeKey, theme === 'system' ? null : theme);
    this.apply();
  }

  get elderly(): boolean {
    return this.#elderly;
  }
  set elderly(elderly: boolean) {
    this.#elderly = elderly;
    keep(elderlyKey, elderly ? '1' : null);
    this.apply();
  }

  get locale(): Locale {
    return getLocale();
  }
  set locale(locale: Locale) {
    if (locale !== getLocale()) void setLocale(locale);
  }

  apply(): void {
    const root = document.documentElement;
    root.lang = getLocale();
    root.dataset['theme'] = this.#isDark ? 'dark' : 'light';
    root.classList.toggle('elderly', this.#elderly);
    document
      .querySelector('meta[name="theme-color"]')
      ?.setAttribute('content', this.#isDark ? '#151311' : '#f7f5f2');
  }

  /** Follows the phone when it turns dark in the evening; returns how to stop. */
  follow(): () => void {
    const evening = matchMedia('(prefers-color-scheme: dark)');
    const listen = (): void => this.apply();
    evening.addEventListener('change', listen);
    this.apply();
    return () => evening.removeEventListener('change', listen);
  }

  get #isDark(): boolean {
    if (this.#theme !== 'system') return this.#theme === 'dark';
    return matchMedia('(prefers-color-scheme: dark)').matches;
  }
}

function asTheme(text: string | null): Theme {
  return text === 'light' || text === 'dark' ? text : 'system';
}

export const preferences = new Preferences();
