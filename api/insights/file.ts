import type { Ctx } from '../context.ts';
import { byteOrderMark, csv } from '../csv.ts';
import type { Named } from '../unions/named.ts';
import type { Days } from './days.ts';
import { surveyFlows } from './flows.ts';
import { surveyTakeUp } from './take-up.ts';
import { surveyUnmet } from './unmet.ts';
import { surveyUnused } from './unused.ts';
import { surveyUnusual } from './unusual.ts';
import { type Language, words } from './words.ts';

export const pictures = ['flows', 'take-up', 'unused', 'unusual', 'unmet'] as const;

export type Picture = (typeof pictures)[number];

export type Asked = Days & { month?: string | undefined; percent: number; language: Language };

type Cell = string | number | null;

/** 2026-11-23, which every spreadsheet reads as a date. */
const localDay = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Shanghai' });

/** The table of a picture as CSV: the same figures from the same question, all of its rows. */
export async function fileOf(
  c: Ctx,
  unionId: number,
  picture: Picture,
  asked: Asked,
): Promise<string> {
  const say = words[asked.language];
  const name = (one: Named | null) =>
    one === null ? '' : asked.language === 'en' ? one.nameEn : one.nameZh;
  const title = (one: { titleZh: string; titleEn: string }) =>
    asked.language === 'en' ? one.titleEn : one.titleZh;
  const table: Record<Picture, () => Promise<Cell[][]>> = {
    flows: async () => {
      const { districts, flows } = await surveyFlows(c, unionId, asked);
      const place = new Map(districts.map((one) => [one.id, name(one)]));
      const of = (id: number | null) => (id === null ? say.unknown : (place.get(id) ?? String(id)));
      return flows.map(({ homeId, hostId, redemptions, quantity }) => [
        ...[asked.from, asked.to, of(homeId), of(hostId), redemptions, quantity],
      ]);
    },
    'take-up': async () => {
      const all = { month: asked.month, after: 0, limit: null };
      const { month, byAge, byUnion } = await surveyTakeUp(c, unionId, all);
      return [
        ...byAge.map(({ bands, members, users }) => [
          ...[month, say.age, bands.map((band) => say.bands[band]).join(' + '), members, users],
        ]),
        ...byUnion.map(({ union, groups, members, users }) => [
          ...[month, say.union, union ? name(union) : say.together(groups), members, users],
        ]),
      ];
    },
    unused: async () => {
      const { benefits } = await surveyUnused(c, unionId, asked.percent);
      return benefits.map((one) => [
        ...[
          one.id,
          title(one),
          name(one.union),
          localDay.format(Date.parse(one.startsAt)),
          one.cap,
          one.used,
        ],
      ]);
    },
    unusual: async () => {
      const { from, to, outlets } = await surveyUnusual(c, unionId);
      return outlets.map((one) => [
        ...[from, to, name(one.partner), name(one.outlet), name(one.host), one.uses],
        ...[one.inAMinute, one.again, one.apart, one.atClose],
      ]);
    },
    unmet: async () => {
      const { from, to, searches, refusals } = await surveyUnmet(c, unionId, asked);
      return [
        ...searches.map(({ word, kind, district, times }) => [
          ...[from, to, say.search, word, kind && say.kinds[kind], name(district), '', times],
        ]),
        ...refusals.map(({ benefit, place, reason, times }) => [
          ...[from, to, say[place], title(benefit), '', '', say.reasons[reason], times],
        ]),
      ];
    },
  };
  return byteOrderMark + csv([say.heads[picture], ...(await table[picture]())]);
}
