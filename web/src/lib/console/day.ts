const timeZone = 'Asia/Shanghai';

/** The day in Beijing, as date fields and filters have it: 2026-11-23. */
export function localDay(instant: number | string): string {
  return new Intl.DateTimeFormat('sv-SE', { timeZone }).format(new Date(instant));
}
