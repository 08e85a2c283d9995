import { getLocale } from '#lib/paraglide/runtime.js';

/** A month by its first day, as people say it: October 2026. */
export const monthName = (firstDay: string): string =>
  new Intl.DateTimeFormat(getLocale(), {
    year: 'numeric',
    month: 'long',
    timeZone: 'Asia/Shanghai',
  }).format(new Date(`${firstDay}T12:00:00+08:00`));
