import { sql } from 'drizzle-orm';
import { refuse, signedIn } from '../authority.ts';
import type { Ctx } from '../context.ts';
import { named, type Named } from '../unions/named.ts';
import { within } from './scope.ts';

const quietDays = 14;
const rowsMax = 500;

export type Unused = {
  /** Open for so many days at least, and fewer than so many in a hundred of its places used. */
  days: number;
  percent: number;
  benefits: {
    id: number;
    titleZh: string;
    titleEn: string;
    union: Named;
    startsAt: string;
    cap: number;
    used: number;
  }[];
};

/**
 * Benefits of the union, or with places of it or one below it, that hardly anybody uses; the least used first. Where
 * places are given by the month, those of the month that a fortnight ago was in.
 */
export async function surveyUnused(c: Ctx, unionId: number, percent: number): Promise<Unused> {
  const [found] = await c.env.db.execute<Unused>(sql`
    with ${within(signedIn(c), unionId)},
      quiet as materialized (
        select b.id, sum(a.cap) as cap, sum(a.used) as used
        from benefit b
        join allocation a on a.benefit_id = b.id
          and a.starts_at = period_start(b.quota_period, clock() - ${quietDays} * interval '1 day')
        where b.stage = 'published' and b.paused_at is null and b.ends_at > clock()
          and b.starts_at <= clock() - ${quietDays} * interval '1 day'
          and (b.union_id in (select id from scope) or a.union_id in (select id from scope))
        group by b.id
        having sum(a.cap) > 0 and sum(a.used) * 100 < sum(a.cap) * ${percent})
    select ${quietDays}::int as days, ${percent}::int as percent,
      coalesce((
        select jsonb_agg(jsonb_build_object('id', b.id, 'titleZh', b.title_zh, 'titleEn', b.title_en,
          'union', ${named('u')}, 'startsAt', iso(b.starts_at), 'cap', q.cap, 'used', q.used)
          order by q.used::float8 / q.cap, b.id)
        from (select * from quiet order by used::float8 / cap, id limit ${rowsMax}) q
        join benefit b on b.id = q.id join trade_union u on u.id = b.union_id), '[]') as benefits
    from asked`);
  return found ?? refuse(c);
}
