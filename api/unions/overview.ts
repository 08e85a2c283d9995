import { sql } from 'drizzle-orm';
import { refuse, signedIn } from '../authority.ts';
import type { Ctx } from '../context.ts';
import { within } from '../insights/scope.ts';
import { named, type Named } from './named.ts';

export type Figures = { redemptions: number; quantity: number; amountFen: number };

export type Overview = {
  /** The first instant of the first of those days in Asia/Shanghai; today is the last. */
  since: Date;
  today: Figures;
  month: Figures;
  /** `across`: used in another district than the member's own. */
  total: Figures & { across: number };
  openAlerts: number;
  openProposals: number;
  openDisputes: number;
  /** The union's own money of this year; null: it has none. `endsOn`: at the pace of the last four weeks, if in this year. */
  budget: {
    amountFen: number;
    usedFen: number;
    reservedFen: number;
    endsOn: string | null;
  } | null;
  /** Every district of the city, by code; how often its outlets gave what the union pays for or hosts. */
  hosts: (Named & { code: string; redemptions: number })[];
  /** From home district to host district, never the same; the most first. */
  flows: { home: Named; host: Named; redemptions: number }[];
};

const flowsMax = 12;

/**
 * What was booked in the last days, less what was undone on them, of what a union or one below it pays for or hosts; and
 * what waits there for somebody. Amounts are what unions pay partners for it.
 */
export async function surveyUnion(c: Ctx, unionId: number, days: number): Promise<Overview> {
  const [found] = await c.env.db.execute<Overview>(sql`
    with ${within(signedIn(c), unionId)},
      span as materialized (
        select local_day(now) - (${days}::int - 1) as since, local_day(now) as today,
          local_day(period_start('month', now)) as month
        from (select clock() as now) c),
      counted as materialized (
        select u.home_id, u.host_id, u.day = span.today as is_today, u.day >= span.month as is_month,
          u.day >= span.since as is_asked, sum(u.redemptions) as redemptions,
          sum(u.quantity) as quantity, sum(u.paid_fen) as paid_fen
        from span
        cross join lateral uses_of_days(least(span.since, span.month), span.today) u
        where u.owner_id in (select id from scope) or u.host_id in (select id from scope)
        group by 1, 2, 3, 4, 5),
      figure as (
        select jsonb_build_object('redemptions', coalesce(sum(redemptions) filter (where is_asked), 0),
            'quantity', coalesce(sum(quantity) filter (where is_asked), 0),
            'amountFen', coalesce(sum(paid_fen) filter (where is_asked), 0),
            'across', coalesce(sum(redemptions) filter (where is_asked and home_id <> host_id), 0))
            as total,
          jsonb_build_object('redemptions', coalesce(sum(redemptions) filter (where is_month), 0),
            'quantity', coalesce(sum(quantity) filter (where is_month), 0),
            'amountFen', coalesce(sum(paid_fen) filter (where is_month), 0)) as month,
          jsonb_build_object('redemptions', coalesce(sum(redemptions) filter (where is_today), 0),
            'quantity', coalesce(sum(quantity) filter (where is_today), 0),
            'amountFen', coalesce(sum(paid_fen) filter (where is_today), 0)) as today
        from counted),
      flow as (
        select home_id, host_id, sum(redemptions) as redemptions
        from counted where is_asked and home_id <> host_id
        group by home_id, host_id
        having sum(redemptions) > 0
        order by redemptions desc, home_id, host_id
        limit ${flowsMax})
    select day_begin(span.since) as since, figure.today, figure.month, figure.total,
      (select count(*)::int from alert x
        where x.closed_at is null and x.union_id in (select id from scope)) as "openAlerts",
      (select count(*)::int from proposal p
        where p.state = 'open' and p.expires_at > clock() and p.union_id in (select id from scope)
      ) as "openProposals",
      (select count(*)::int from dispute x join statement s on s.id = x.statement_id
        where x.state = 'open'
          and (s.union_id in (select id from scope) or s.other_id in (select id from scope))
      ) as "openDisputes",
      (select jsonb_build_object('amountFen', s.amount_fen, 'usedFen', s.used_fen,
          'reservedFen', s.reserved_fen, 'endsOn', burn_end(s.union_id, s.year, s.amount_fen - s.used_fen))
        from budget g cross join lateral budget_states(array[g.id]) s
        where g.union_id = asked.id and g.year = date_part('year', span.today)) as budget,
      (select jsonb_agg(${named('d')} || jsonb_build_object('code', d.district_code, 'redemptions',
          coalesce((select greatest(0, sum(redemptions)) from counted
            where is_asked and host_id = d.id), 0))
          order by d.district_code)
        from trade_union d where d.parent_id = asked.city_id and d.level = 2) as hosts,
      (select coalesce(jsonb_agg(jsonb_build_object('home', ${named('d')}, 'host', ${named('h')},
          'redemptions', flow.redemptions)
          order by flow.redemptions desc, d.id, h.id), '[]')
        from flow join trade_union d on d.id = flow.home_id join trade_union h on h.id = flow.host_id
      ) as flows
    from asked cross join span cross join figure`);
  return found ?? (await refuse(c));
}
