const timeZone = 'Asia/Shanghai';

/** An instant as a field for day and time holds it, in Beijing: 2026-11-23T14:03. */
export function localMoment(instant: number | string): string {
  const shape = { dateStyle: 'short', timeStyle: 'short', timeZone } as const;
  return new Intl.DateTimeFormat('sv-SE', shape).format(new Date(instant)).replace(' ', 'T');
}

/** The instant that such a field means. */
export const instantOf = (local: string): string => `${local}:00+08:00`;

export const isMoment = (local: string): boolean => !Number.isNaN(Date.parse(instantOf(local)));

export const isoOf = (milliseconds: number): string => new Date(milliseconds).toISOString();

/** The ISO weekday of a day at midnight UTC, 1 for Monday. */
export const weekdayOf = (day: number): number => new Date(day).getUTCDay() || 7;
