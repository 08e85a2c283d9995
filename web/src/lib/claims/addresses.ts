import { getLocale } from '#lib/paraglide/runtime.js';
import { at, part } from '#lib/paths.ts';

/** Its session for the phone's own calendar. */
export const calendarFile = (claim: string): string =>
  at(`/api/claims/${part(claim)}/calendar`, { language: getLocale() });
