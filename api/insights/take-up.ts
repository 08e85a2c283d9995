import { sql } from 'drizzle-orm';
import { refuse, signedIn } from '../authority.ts';
import type { Ctx } from '../context.ts';
import { named, type Named } from '../unions/named.ts';
import { within } from './scope.ts';

export const bands = ['to_29', 'to_39', 'to_49', 'to_59', 'from_60', 'unknown'] as const;

export type Share = {
  /** How many groups stand in this line together, because each alone is too small. */
  groups: number;
  members: number;
  users: number;
};

export type TakeUp = {
  /** The first days of the months that there are, the latest first, and of the one shown. */
  months: string[];
  month: string | null;
  byAge: (Share & { bands: (typeof bands)[number][] })[];
  /** Of the city by district, of a district and below by enterprise; null: the small ones together. */
  byUnion: (Share & { place: number; union: Named | null })[];
  /** Where the next page begins. */
  next: number | null;
};

/**
 * How many of the union's own members used anything in a month, of the lists that were drawn up when it was over. There
 * is nothing else to ask: no other period, no other group, and the same answer for ever. Figures of the city are sums of
 * what its districts are told.
 */
export async function surveyTakeUp(
  c: Ctx,
  unionId: number,
  asked: { month?: string | undefined; after: number; limit: number | null },
): Promise<TakeUp> {
  const { month = null, after, limit } = asked;
  const [found] = await c.env.db.execute<Omit<TakeUp, 'next'>>(sql`
    with ${within(signedIn(c), unionId)},
      month as materialized (
        select distinct t.month from take_up t, asked
        where t.split = 'none' and (asked.level = 1 or t.district_id = asked.district_id)),
      shown as materialized (
        select coalesce(${month}::date, max(month)) as month from month),
      line as materialized (
        select t.* from take_up t, asked, shown
        where t.month = shown.month
          and (asked.level = 1 or t.district_id = asked.district_id)
          and (asked.level <= 2 or t.union_id in (select id from scope))),
      district as (
        select row_number() over (order by d.district_code) as place, t.district_id as union_id,
          1 as groups, sum(t.members) as members, sum(t.users) as users
        from line t join trade_union d on d.id = t.district_id
        where t.split = 'age' and (select level from asked) = 1
        group by t.district_id, d.district_code),
      listed as (
        select * from (
          select place, union_id, groups, members, users from district
          union all
          select place, union_id, groups, members, users from line
          where split = 'enterprise' and (select level from asked) > 1
        ) l
        where place > ${after}
        order by place limit ${limit === null ? null : limit + 1})
    select
      (select coalesce(jsonb_agg(month order by month desc), '[]') from month) as months,
      (select month from shown) as month,
      (select coalesce(jsonb_agg(to_jsonb(a) order by a.bands), '[]') from (
        select bands, max(groups) as groups, sum(members) as members, sum(users) as users
        from line where split = 'age' group by bands) a) as "byAge",
      (select coalesce(jsonb_agg(jsonb_build_object('place', l.place, 'groups', l.groups,
          'members', l.members, 'users', l.users,
          'union', case when u.id is not null then ${named('u')} end) order by l.place), '[]')
        from listed l left join trade_union u on u.id = l.union_id) as "byUnion"
    from asked`);
  if (!found) return refuse(c);
  const byUnion = limit === null ? found.byUnion : found.byUnion.slice(0, limit);
  const hasMore = found.byUnion.length > byUnion.length;
  const next = hasMore ? (byUnion.at(-1)?.place ?? null) : null;
  return { ...found, byUnion, next };
}
