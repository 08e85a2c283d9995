import type { Ctx } from '../context.ts';
import { Problem } from '../errors.ts';
import { showClaim } from './own.ts';

type Language = 'zh-CN' | 'en';

/** A claim's session as an iCalendar file (RFC 5545) for the phone's own calendar, with a reminder a day and an hour before. */
export async function calendarOf(c: Ctx, id: string, language: Language): Promise<string> {
  const { session, benefit, state } = await showClaim(c, id);
  if (session?.startsAt == null || session.endsAt === null || state !== 'confirmed')
    throw new Problem('not_found');
  const isEnglish = language === 'en';
  const title = isEnglish ? benefit.titleEn : benefit.titleZh;
  const what = isEnglish ? session.titleEn : session.titleZh;
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    `PRODID:-//Tongka//Claims//${isEnglish ? 'EN' : 'ZH'}`,
    'BEGIN:VEVENT',
    `UID:${id}@${new URL(c.env.config.origin).hostname}`,
    `DTSTAMP:${stamp(new Date())}`,
    `DTSTART:${stamp(new Date(session.startsAt))}`,
    `DTEND:${stamp(new Date(session.endsAt))}`,
    `SUMMARY:${escape(what === '' ? title : `${title} · ${what}`)}`,
    `LOCATION:${escape(isEnglish ? session.placeEn : session.placeZh)}`,
    ...['-P1D', '-PT1H'].flatMap((before) => [
      'BEGIN:VALARM',
      'ACTION:DISPLAY',
      `DESCRIPTION:${escape(title)}`,
      `TRIGGER:${before}`,
      'END:VALARM',
    ]),
    'END:VEVENT',
    'END:VCALENDAR',
  ];
  return lines.map(folded).join('\r\n') + '\r\n';
}

const stamp = (at: Date) => at.toISOString().replace(/[-:]|\.\d{3}/g, '');

const escape = (text: string) =>
  text.replace(/[\\;,]/g, (mark) => `\\${mark}`).replace(/\r?\n/g, '\\n');

/** No line is longer than 75 octets, and none is cut within a character. */
function folded(line: string): string {
  const parts: string[] = [];
  let part = '';
  let octets = 0;
  for (const letter of line) {
    const size = new TextEncoder().encode(letter).length;
    if (octets + size > (parts.length === 0 ? 75 : 74)) {
      parts.push(part);
      part = '';
      octets = 0;
    }
    part += letter;
    octets += size;
  }
  return [...parts, part].join('\r\n ');
}
