const hourMs = 3_600_000;
export const minuteMs = 60_000;
export const dayMs = 24 * hourMs;

// China keeps UTC+8 all the year round.
const offsetMs = 8 * hourMs;

/** The instant of the local midnight before `at`, in Asia/Shanghai. */
export function midnight(at: number): number {
  return Math.floor((at + offsetMs) / dayMs) * dayMs - offsetMs;
}

/** ISO weekday of the local day: 1 is Monday. */
export function weekday(at: number): number {
  return ((Math.floor((at + offsetMs) / dayMs) + 3) % 7) + 1;
}

export type Period = 'day' | 'week' | 'month' | 'total';

/** The instant at which the period holding `at` began; a total never began. */
export function periodStart(period: Period, at: number): number {
  if (period === 'total') return -Infinity;
  const today = midnight(at);
  if (period === 'day') return today;
  if (period === 'week') return today - (weekday(at) - 1) * dayMs;
  const local = new Date(today + offsetMs);
  return Date.UTC(local.getUTCFullYear(), local.getUTCMonth(), 1) - offsetMs;
}
