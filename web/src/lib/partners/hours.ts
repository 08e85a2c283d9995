import { getLocale } from '#lib/paraglide/runtime.js';

/** Opening times as the API has them: minutes after midnight, Monday first, null when shut. */
export type Hours = readonly ({ opens: number; closes: number } | null)[];

const midnight = 1440;
const aMonday = Date.UTC(2024, 0, 1);
const dayMilliseconds = 86_400_000;

/** 540 → 09:00, as a time field has it; the end of the day is its 00:00. */
export function asTime(minute: number): string {
  const of = minute % midnight;
  return `${String(Math.floor(of / 60)).padStart(2, '0')}:${String(of % 60).padStart(2, '0')}`;
}

/** The minute of a time field, null when it is empty. */
export function asMinute(time: string, isEnd: boolean): number | null {
  const [, hour, minute] = /^(\d\d):(\d\d)/.exec(time) ?? [];
  if (hour === undefined || minute === undefined) return null;
  const of = Number(hour) * 60 + Number(minute);
  return isEnd && of === 0 ? midnight : of;
}

/** Monday is 0. */
export function dayName(day: number): string {
  const name = new Intl.DateTimeFormat(getLocale(), { weekday: 'short', timeZone: 'UTC' });
  return name.format(aMonday + day * dayMilliseconds);
}

export const usualHours: Hours = Array.from({ length: 7 }, () => ({ opens: 540, closes: 1260 }));
