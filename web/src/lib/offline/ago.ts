import { count, when } from '#lib/format.ts';
import { m } from '#lib/paraglide/messages.js';
import { dayOf } from './day.ts';

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** How long ago something was, as people say it. */
export function agoWords(milliseconds: number): string {
  if (milliseconds < minuteMs) return m.offline_just_now();
  if (milliseconds < 2 * hourMs) {
    return m.offline_minutes_ago({ count: count(Math.floor(milliseconds / minuteMs)) });
  }
  return m.offline_hours_ago({ count: count(Math.floor(milliseconds / hourMs)) });
}

/** An instant as it is said today: the day only where it is another one. */
export function momentWords(instant: number, now: number): string {
  return when(instant, dayOf(instant) === dayOf(now) ? 'time' : 'moment');
}
