import { sql } from 'drizzle-orm';
import { refuse, signedIn } from '../authority.ts';
import type { Ctx } from '../context.ts';
import { named, type Named } from '../unions/named.ts';
import type { Days } from './days.ts';
import { within } from './scope.ts';

export type Flows = Days & {
  districts: (Named & { code: string })[];
  /** From home district to host district, also where it is the same; home null where nobody knows it any more. */
  flows: { homeId: number | null; hostId: number; redemptions: number; quantity: number }[];
};

/**
 * Where members went, of what the union or one below it pays for or hosts: uses booked on these days, less what was
 * undone on them. Counts by district, of whichever members.
 */
export async function surveyFlows(c: Ctx, unionId: number, { from, to }: Days): Promise<Flows> {
  const [found] = await c.env.db.execute<Flows>(sql`
    with ${within(signedIn(c), unionId)},
      flow as (
        select u.home_id, u.host_id, sum(u.redemptions) as redemptions, sum(u.quantity) as quantity
        from uses_of_days(${from}::date, ${to}::date) u
        where u.owner_id in (select id from scope) or u.host_id in (select id from scope)
        group by u.home_id, u.host_id)
    select ${from} as from, ${to} as to,
      (select coalesce(jsonb_agg(${named('d')} || jsonb_build_object('code', d.district_code)
          order by d.district_code), '[]')
        from trade_union d where d.parent_id = asked.city_id and d.level = 2) as districts,
      (select coalesce(jsonb_agg(jsonb_build_object('homeId', home_id, 'hostId', host_id,
          'redemptions', redemptions, 'quantity', quantity) order by home_id, host_id), '[]')
        from flow where (redemptions, quantity) <> (0, 0)) as flows
    from asked`);
  return found ?? refuse(c);
}
