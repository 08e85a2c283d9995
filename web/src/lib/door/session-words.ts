import { when } from '#lib/format.ts';
import { said } from '#lib/said.ts';

type Titled = { titleZh: string; titleEn: string };

/** 家庭摄影 10:00; with its day where that is another one. */
export function sessionInWords(
  session: Titled & { startsAt: string | null },
  benefit?: Titled,
): string {
  const name = said(session, 'title') || (benefit === undefined ? '' : said(benefit, 'title'));
  if (session.startsAt === null) return name;
  const isToday = when(session.startsAt, 'day') === when(Date.now(), 'day');
  return `${name} ${when(session.startsAt, isToday ? 'time' : 'moment')}`.trim();
}
