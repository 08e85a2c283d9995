import { m } from '#lib/paraglide/messages.js';
import { getLocale } from '#lib/paraglide/runtime.js';
import type { Problem } from '#lib/problem.ts';

/** Why the code could not be fetched. The full list of words would cost the card screen its size. */
export function troubleInWords(problem: Problem): string {
  if (problem.isUnreachable) return m.error_offline();
  if (problem.status === 429 || problem.status === 503) return m.error_busy();
  return m.error_internal_error();
}

/** By how much the phone's clock is wrong, in the largest unit that is whole. */
export function clockInWords(minutes: number): string {
  const size = Math.abs(minutes);
  const [unit, count]: [string, number] =
    size < 60 ? ['minute', size] : size < 1440 ? ['hour', size / 60] : ['day', size / 1440];
  const time = Math.round(count).toLocaleString(getLocale(), {
    style: 'unit',
    unit,
    unitDisplay: 'long',
  });
  return minutes > 0 ? m.card_clock_ahead({ time }) : m.card_clock_behind({ time });
}
