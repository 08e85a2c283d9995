import type { RoomWeek } from './types.ts';

const dayMilliseconds = 86_400_000;
const minuteMilliseconds = 60_000;
const daysAWeek = 7;

/** What of a room's week the sums below need. */
export type Week = Pick<
  RoomWeek,
  | 'serverTime'
  | 'week'
  | 'today'
  | 'lastDay'
  | 'weekdays'
  | 'opensMinute'
  | 'closesMinute'
  | 'minutesMin'
  | 'minutesMax'
  | 'minutesAWeek'
  | 'minutesUsed'
  | 'busy'
>;

export type Part = { from: number; to: number; state: 'free' | 'busy' | 'own' };

/** The first instant of a Beijing day, 2026-12-02. */
export const beginOf = (day: string): number => Date.parse(`${day}T00:00:00+08:00`);

/** A minute of a Beijing day as an instant. */
export const instantOf = (day: string, minute: number): string =>
  new Date(beginOf(day) + minute * minuteMilliseconds).toISOString();

/** The day so many days later. */
export function later(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * dayMilliseconds)
    .toISOString()
    .slice(0, 10);
}

/** Monday to Sunday. */
export const daysOf = (week: string): string[] =>
  Array.from({ length: daysAWeek }, (_, i) => later(week, i));

/** Why nothing can be asked for on a day, or that something can. */
export function standingOf(week: Week, day: string): 'open' | 'closed' | 'past' | 'far' {
  const weekday = daysOf(week.week).indexOf(day) + 1;
  if (day < week.today) return 'past';
  if (day > week.lastDay) return 'far';
  return week.weekdays.includes(weekday) ? 'open' : 'closed';
}

/** An opening day in parts, taken and free in turn, in minutes after midnight. */
export function partsOf(week: Week, day: string): Part[] {
  const begin = beginOf(day);
  const minute = (instant: string) => (Date.parse(instant) - begin) / minuteMilliseconds;
  const busy = week.busy
    .map(({ startsAt, endsAt, isOwn }): Part => ({
      from: Math.max(minute(startsAt), week.opensMinute),
      to: Math.min(minute(endsAt), week.closesMinute),
      state: isOwn ? 'own' : 'busy',
    }))
    .filter(({ from, to }) => from < to)
    .toSorted((one, other) => one.from - other.from);
  const parts: Part[] = [];
  let at = week.opensMinute;
  for (const one of busy) {
    if (at < one.from) parts.push({ from: at, to: one.from, state: 'free' });
    parts.push(one);
    at = one.to;
  }
  if (at < week.closesMinute) parts.push({ from: at, to: week.closesMinute, state: 'free' });
  return parts;
}

/** Half hours, or quarters where the shortest use is none of half hours. */
export const stepOf = ({ minutesMin }: Pick<Week, 'minutesMin'>): number =>
  minutesMin % 30 === 0 ? 30 : 15;

/** What his company has left of this week. */
export const minutesLeft = ({ minutesAWeek, minutesUsed }: Week): number =>
  Math.max(0, minutesAWeek - minutesUsed);

/** The minutes of a day at which a use can begin that is long enough. */
export function startsOf(week: Week, day: string): number[] {
  if (standingOf(week, day) !== 'open') return [];
  const step = stepOf(week);
  const now = (Date.parse(week.serverTime) - beginOf(day)) / minuteMilliseconds;
  return partsOf(week, day)
    .filter(({ state }) => state === 'free')
    .flatMap(({ from, to }) => {
      const starts: number[] = [];
      for (let at = from; at + week.minutesMin <= to; at = (Math.floor(at / step) + 1) * step)
        starts.push(at);
      return starts;
    })
    .filter((at) => at > now);
}

/** How long a use can last that begins then, in minutes. */
export function lengthsFrom(week: Week, day: string, start: number): number[] {
  const part = partsOf(week, day).find(({ from, to }) => from <= start && start < to);
  if (part?.state !== 'free') return [];
  const most = Math.min(part.to - start, week.minutesMax, minutesLeft(week));
  const lengths: number[] = [];
  for (let length = week.minutesMin; length <= most; length += stepOf(week)) lengths.push(length);
  return lengths;
}
