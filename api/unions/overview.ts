import { sql } from 'drizzle-orm';
import { refuse, signedIn } from '../authority.ts';
import type { Ctx } from '../context.ts';
import { named, type Named } from './named.ts';
import { offices } from './office.ts';

export type Figures = { redemptions: number; quantity: number; amountFen: number };

export type Overview = {
  /** The first instant of the first of those days in Asia/Shanghai; today is the last. */
  since: Date;
  today: Figures;
  /** `across`: used in a district other than the one whose places were charged. */
  total: Figures & { across: number };
  openAlerts: number;
  /** Every district of the city, by code; how often its outlets gave what the union pays for or hosts. */
  hosts: (Named & { code: string; redemptions: number })[];
  /** From home district to host district, never the same; the most first. */
  flows: { home: Named; host: Named; redemptions: number }[];
};

const flowsMax = 12;

/**
 * What was used in the last days of what a union or one below it pays for or hosts, and not undone. Reads each benefit's
 * rows of those days off its index, once.
 */
export async function surveyUnion(c: Ctx, unionId: number, days: number): Promise<Overview> {
  const [found] = await c.env.db.execute<Overview>(sql`
    with office as materialized (${offices(signedIn(c))}),
      asked as materialized (
        select u.id, u.path[1] as city_id, period_start('day', clock()) as today
        from trade_union u
        where u.id = ${unionId} and exists (select from office o where o.union_id = any(u.path))),
      span as materialized (
        select today - (${days}::int - 1) * interval '1 day' as since, today from asked),
      paid as materialized (
        select a.id from asked
          join trade_union u on asked.id = any(u.path) join allocation a on a.union_id = u.id),
      hosted as materialized (
        select o.id from asked
          join trade_union u on asked.id = any(u.path) join outlet o on o.district_id = u.id),
      counted as materialized (
        select a.district_id as home_id, o.district_id as host_id, r.at >= span.today as is_today,
          count(*) as redemptions, sum(r.quantity) as quantity,
          sum(paid_fen(r)) as amount
        from span
          cross join benefit b
          join redemption r on r.benefit_id = b.id and r.at >= span.since
          join allocation a on a.id = r.allocation_id
          join outlet o on o.id = r.outlet_id
        where r.reversed_at is null
          and (r.allocation_id in (select id from paid) or r.outlet_id in (select id from hosted))
        group by 1, 2, 3),
      flow as (
        select home_id, host_id, sum(redemptions) as redemptions
        from counted where home_id <> host_id
        group by home_id, host_id
        order by redemptions desc, home_id, host_id
        limit ${flowsMax})
    select span.since,
      (select jsonb_build_object('redemptions', coalesce(sum(redemptions), 0),
          'quantity', coalesce(sum(quantity), 0), 'amountFen', coalesce(sum(amount), 0))
        from counted where is_today) as today,
      (select jsonb_build_object('redemptions', coalesce(sum(redemptions), 0),
          'quantity', coalesce(sum(quantity), 0), 'amountFen', coalesce(sum(amount), 0),
          'across', coalesce(sum(redemptions) filter (where home_id <> host_id), 0))
        from counted) as total,
      (select count(*)::int from alert x join trade_union u on u.id = x.union_id
        where x.closed_at is null and asked.id = any(u.path)) as "openAlerts",
      (select jsonb_agg(${named('d')} || jsonb_build_object('code', d.district_code, 'redemptions',
          coalesce((select sum(redemptions) from counted where host_id = d.id), 0))
          order by d.district_code)
        from trade_union d where d.parent_id = asked.city_id and d.level = 2) as hosts,
      (select coalesce(jsonb_agg(jsonb_build_object('home', ${named('d')}, 'host', ${named('h')},
          'redemptions', flow.redemptions)
          order by flow.redemptions desc, d.id, h.id), '[]')
        from flow join trade_union d on d.id = flow.home_id join trade_union h on h.id = flow.host_id
      ) as flows
    from asked cross join span`);
  return found ?? (await refuse(c));
}
