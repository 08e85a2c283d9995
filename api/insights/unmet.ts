import { sql } from 'drizzle-orm';
import type { benefit } from '../../db/schema/benefits.ts';
import { refuse, signedIn } from '../authority.ts';
import type { Ctx } from '../context.ts';
import { named, type Named } from '../unions/named.ts';
import type { Days } from './days.ts';
import type { UnmetReason } from './misses.ts';
import { within } from './scope.ts';

/** What fewer looked for is not shown: it might say who. */
export const shownFrom = 5;

const rowsMax = 100;

export type Unmet = Days & {
  shownFrom: number;
  /** What members of the union's districts looked for in the catalogue without finding anything. */
  searches: {
    word: string | null;
    kind: (typeof benefit.kind.enumValues)[number] | null;
    district: Named | null;
    times: number;
  }[];
  /** Where they were refused, at the counter or on the benefit's page. */
  refusals: {
    benefit: { id: number; titleZh: string; titleEn: string };
    place: 'counter' | 'catalogue';
    reason: UnmetReason;
    times: number;
  }[];
};

/** What members wanted and did not get on these days, the most frequent first. */
export async function surveyUnmet(c: Ctx, unionId: number, { from, to }: Days): Promise<Unmet> {
  const [found] = await c.env.db.execute<Unmet>(sql`
    with ${within(signedIn(c), unionId)},
      missed as materialized (
        select s.word, s.kind, s.district_id, sum(s.times) as times
        from search_miss s
        where s.day between ${from}::date and ${to}::date
          and s.home_id in (select id from scope)
        group by s.word, s.kind, s.district_id
        having sum(s.times) >= ${shownFrom}
        order by sum(s.times) desc, s.word, s.kind, s.district_id
        limit ${rowsMax}),
      refused as materialized (
        select r.benefit_id, r.place, r.reason, sum(r.times) as times
        from refusal_day r join benefit b on b.id = r.benefit_id
        where r.day between ${from}::date and ${to}::date
          and (r.district_id in (select id from scope) or b.union_id in (select id from scope))
        group by r.benefit_id, r.place, r.reason
        having sum(r.times) >= ${shownFrom}
        order by sum(r.times) desc, r.benefit_id, r.place, r.reason
        limit ${rowsMax})
    select ${from} as from, ${to} as to, ${shownFrom}::int as "shownFrom",
      coalesce((
        select jsonb_agg(jsonb_build_object('word', m.word, 'kind', m.kind,
          'district', case when d.id is not null then ${named('d')} end, 'times', m.times)
          order by m.times desc, m.word, m.kind, m.district_id)
        from missed m left join trade_union d on d.id = m.district_id), '[]') as searches,
      coalesce((
        select jsonb_agg(jsonb_build_object(
          'benefit', jsonb_build_object('id', b.id, 'titleZh', b.title_zh, 'titleEn', b.title_en),
          'place', r.place, 'reason', r.reason, 'times', r.times)
          order by r.times desc, r.benefit_id, r.place, r.reason)
        from refused r join benefit b on b.id = r.benefit_id), '[]') as refusals
    from asked`);
  return found ?? refuse(c);
}
