import { getLocale } from '#lib/paraglide/runtime.js';
import { m } from '#lib/paraglide/messages.js';
import type { BenefitItem, Outlet } from './types.ts';

const everyDay = 7;
const wholeDayMinutes = 1440;
const aMonday = Date.UTC(2024, 0, 1);
const dayMilliseconds = 86_400_000;

/** 545 → 09:05. */
export function minuteInWords(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
}

/** The days on which a benefit can be used, ISO weekdays in the language's own short names. */
export function weekdaysInWords(weekdays: readonly number[]): string {
  if (weekdays.length === everyDay) return m.benefit_every_day();
  const name = new Intl.DateTimeFormat(getLocale(), { weekday: 'short', timeZone: 'UTC' });
  const names = weekdays
    .toSorted((a, b) => a - b)
    .map((day) => name.format(aMonday + (day - 1) * dayMilliseconds));
  return new Intl.ListFormat(getLocale(), { style: 'narrow', type: 'unit' }).format(names);
}

export function minutesInWords({
  opensMinute,
  closesMinute,
}: Pick<BenefitItem, 'opensMinute' | 'closesMinute'>): string {
  if (opensMinute === 0 && closesMinute === wholeDayMinutes) return m.benefit_all_day();
  return m.benefit_hours({
    opens: minuteInWords(opensMinute),
    closes: minuteInWords(closesMinute),
  });
}

/** An outlet's hours today, by Beijing's day. */
export function hoursToday(hours: Outlet['hours'], now = Date.now()): string {
  const beijing = new Date(now + 8 * 3_600_000);
  const today = hours[(beijing.getUTCDay() + 6) % everyDay];
  if (today == null) return m.benefit_closed();
  return m.benefit_hours({
    opens: minuteInWords(today.opens),
    closes: minuteInWords(today.closes),
  });
}
