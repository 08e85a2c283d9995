/** The end of a day in Beijing, as an office has it that lasts through that day; null without one. */
export const endOfDay = (day: string): string | null =>
  day === '' ? null : new Date(Date.parse(`${day}T00:00:00+08:00`) + 86_400_000).toISOString();

/** The last day of what ends at this instant, to be said. */
export const lastDay = (endsAt: string): number => Date.parse(endsAt) - 1;
