import { when } from '#lib/format.ts';
import { m } from '#lib/paraglide/messages.js';
import { said } from '#lib/said.ts';
import { durationInWords } from './rules.ts';
import { kindNames } from './states.ts';
import type { Kind, OwnClaim, Session } from './types.ts';

const minutesADay = 1440;
const dayMilliseconds = 86_400_000;
const beijingMilliseconds = 8 * 3_600_000;

/** What is left until an instant: 2:05:09, or 04:30, or so many days. */
export function remaining(milliseconds: number): string {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  const days = Math.floor(seconds / 86_400);
  const two = (value: number): string => String(value).padStart(2, '0');
  const clock = `${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  const hours = Math.floor(seconds / 3600);
  if (days > 0) return `${durationInWords(days * minutesADay)} ${two(hours % 24)}:${clock}`;
  return hours > 0 ? `${hours}:${clock}` : clock;
}

/** The number of Beijing's day that an instant lies in. */
export const dayOf = (instant: string | number): number =>
  Math.floor((new Date(instant).getTime() + beijingMilliseconds) / dayMilliseconds);

/** The first instant of such a day. */
export const startOfDay = (day: number): number => day * dayMilliseconds - beijingMilliseconds;

/** 今天 10:00, 明天 10:00, 12月6日 10:00. */
export function soon(instant: string, now: number): string {
  const time = when(instant, 'time');
  const ahead = dayOf(instant) - dayOf(now);
  if (ahead === 0) return m.own_today({ time });
  if (ahead === 1) return m.own_tomorrow({ time });
  return when(instant, 'moment');
}

/** 12月6日 周六 10:00–12:00; empty for what has no time of its own. */
export function timesOf(session: Pick<Session, 'startsAt' | 'endsAt'> | null): string {
  if (session?.startsAt == null || session.endsAt === null) return '';
  const from = `${when(session.startsAt, 'weekday')} ${when(session.startsAt, 'time')}`;
  const isOneDay = dayOf(session.startsAt) === dayOf(session.endsAt);
  return `${from}–${when(session.endsAt, isOneDay ? 'time' : 'moment')}`;
}

/** 家庭摄影 · 全家福 12月6日 10:00: a claim in a sentence about it. */
export function nameOf({ benefit, session }: Pick<OwnClaim, 'benefit' | 'session'>): string {
  const title = session === null ? '' : said(session, 'title');
  return [
    title === '' ? said(benefit, 'title') : `${said(benefit, 'title')} · ${title}`,
    ...(session?.startsAt == null ? [] : [when(session.startsAt, 'moment')]),
  ].join(' ');
}

/** 抢票, and when it opens as long as it has not. */
export function claimKindInWords(kind: Kind, opensAt: string | null): string {
  const now = Date.now();
  return opensAt === null || Date.parse(opensAt) <= now
    ? kindNames[kind]()
    : m.own_kind_opens({ kind: kindNames[kind](), time: soon(opensAt, now) });
}
