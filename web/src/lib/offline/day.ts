const zoneOffsetMs = 8 * 60 * 60 * 1000;
const dayMs = 24 * 60 * 60 * 1000;

/** The number of a day in Beijing, which has kept one offset since 1991: unlike the phone's own calendar. */
export function dayOf(instant: number): number {
  return Math.floor((instant + zoneOffsetMs) / dayMs);
}

/** Monday is 1, Sunday 7. */
export function weekdayOf(instant: number): number {
  // The first of January 1970 was a Thursday.
  return ((dayOf(instant) + 3) % 7) + 1;
}

export function minuteOfDay(instant: number): number {
  return Math.floor(((instant + zoneOffsetMs) % dayMs) / 60_000);
}
