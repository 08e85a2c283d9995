import { sql } from 'drizzle-orm';
import { refuse, signedIn } from '../authority.ts';
import type { Ctx } from '../context.ts';
import { named, type Named } from '../unions/named.ts';
import { within } from './scope.ts';

/** From what on something is shown. What each means, draw_up_patterns() says. */
export const thresholds = {
  days: 28,
  inAMinute: 6,
  again: 10,
  apart: 3,
  atClosePercent: 50,
  atCloseUses: 20,
};

const rowsMax = 500;

export type Evidence = {
  uses: number;
  inAMinute: number;
  again: number;
  apart: number;
  atClose: number;
};

export type Unusual = {
  thresholds: typeof thresholds;
  /** Four weeks, up to the last day that was looked at; before `from` where none of them was yet. */
  from: string;
  to: string;
  outlets: (Evidence & { outlet: Named; partner: Named; host: Named })[];
};

/**
 * Outlets in the union's district, or of partners it contracted, whose uses of the last weeks look unusual: a reason to
 * look, and no more. Counts alone; no member's name, number or card.
 */
export async function surveyUnusual(c: Ctx, unionId: number): Promise<Unusual> {
  const { days, inAMinute, again, apart, atClosePercent, atCloseUses } = thresholds;
  const [found] = await c.env.db.execute<Omit<Unusual, 'thresholds'>>(sql`
    with ${within(signedIn(c), unionId)},
      span as materialized (
        select local_day(clock()) - ${days}::int as since, coalesce(
          (select least(r.patterned, local_day(clock()) - 1) from roll_up r),
          local_day(clock()) - ${days}::int - 1) as until),
      seen as materialized (
        select p.outlet_id, sum(p.uses) as uses, max(p.in_a_minute) as in_a_minute,
          sum(p.again) as again, sum(p.apart) as apart, sum(p.at_close) as at_close
        from span
        join outlet_pattern p on p.day between span.since and span.until
        join outlet o on o.id = p.outlet_id
        join partner n on n.id = o.partner_id
        where o.district_id in (select id from scope) or n.union_id in (select id from scope)
        group by p.outlet_id
        having max(p.in_a_minute) >= ${inAMinute} or sum(p.again) >= ${again}
          or sum(p.apart) >= ${apart}
          or sum(p.uses) >= ${atCloseUses} and sum(p.at_close) * 100 >= sum(p.uses) * ${atClosePercent}
        order by sum(p.again) + sum(p.apart) + max(p.in_a_minute) desc, p.outlet_id
        limit ${rowsMax})
    select span.since as from, span.until as to,
      coalesce((
        select jsonb_agg(jsonb_build_object('outlet', ${named('o')}, 'partner', ${named('n')},
          'host', ${named('d')}, 'uses', s.uses, 'inAMinute', s.in_a_minute, 'again', s.again,
          'apart', s.apart, 'atClose', s.at_close)
          order by s.again + s.apart + s.in_a_minute desc, s.outlet_id)
        from seen s join outlet o on o.id = s.outlet_id join partner n on n.id = o.partner_id
        join trade_union d on d.id = o.district_id), '[]') as outlets
    from asked cross join span`);
  return found ? { ...found, thresholds } : refuse(c);
}
