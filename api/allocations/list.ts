import { sql } from 'drizzle-orm';
import { refuse, signedIn } from '../authority.ts';
import type { Ctx } from '../context.ts';
import { waiting } from '../proposals/waiting.ts';
import { offices } from '../unions/office.ts';
import { poolsOf, type PoolView } from './pool.ts';

export type OpeningView = {
  id: number;
  fromId: number;
  /** Null: to everybody. */
  toId: number | null;
  units: number;
  returnsAt: string;
  returned: number | null;
};

export type Allocations = {
  quotaPeriod: 'month' | 'total';
  /** Which month's places these are; null where they are for the whole. */
  month: string | null;
  /** What is known of other months, newest first. */
  months: string[];
  cap: number | null;
  /** What all pools hold together without top-ups, also those that do not show. */
  allocated: number;
  /** Whether the caller may open a pool that is not there yet. */
  canOpen: boolean;
  allocations: PoolView[];
  /**
   * The pools that a proposal which waits for a second person would change, the shared one null; of what the caller
   * proposed himself, or whose money is his.
   */
  proposedPools: (number | null)[];
  openings: OpeningView[];
};

/** The pools of a benefit that concerns the caller's unions, of one month where it has places by month. */
export async function listAllocations(
  c: Ctx,
  benefitId: number,
  month?: string,
): Promise<Allocations> {
  const actor = signedIn(c);
  const [found] = await c.env.db.execute<Allocations>(sql`
    with office as materialized (${offices(actor)})
    select b.quota_period as "quotaPeriod", b.cap, of.month,
      coalesce((
        select jsonb_agg(m.month order by m.month desc) from (
          select distinct to_char(a.starts_at at time zone 'Asia/Shanghai', 'YYYY-MM') as month
          from allocation a where a.benefit_id = b.id and isfinite(a.starts_at)) m), '[]') as months,
      (select coalesce(sum(a.cap - a.topped), 0)::bigint from allocation a
        where a.benefit_id = b.id and a.starts_at = of.starts_at) as allocated,
      b.stage <> 'ended' and exists (
        select from office o where role_may(o.role, 'money') and o.union_id = any(u.path)) as "canOpen",
      ${poolsOf(sql`of.starts_at`)} as allocations,
      coalesce((
        select jsonb_agg(distinct pool.district)
        from (
          ${waiting('allocation.set', 'benefit', sql`b.id`)}
          union all ${waiting('opening.open', 'benefit', sql`b.id`)}) w
          join trade_union whose on whose.id = w.union_id
          cross join lateral (
            select one -> 'districtId' as district from jsonb_array_elements(w.payload -> 'places') one
            union all
            select case when side = '"shared"' then 'null' else side end
            from (values (w.payload -> 'from'), (w.payload -> 'to')) opened (side)
            where side is not null) pool
        where w.payload ->> 'month' is not distinct from of.month and (
          w.proposed_by = ${actor.userId} or exists (
            select from office o where role_may(o.role, 'money') and o.union_id = any(whose.path)))
      ), '[]') as "proposedPools",
      coalesce((
        select jsonb_agg(jsonb_build_object('id', o.id, 'fromId', f.district_id, 'toId', t.district_id,
            'units', o.units, 'returnsAt', iso(o.returns_at), 'returned', o.returned) order by o.id desc)
        from opening o join allocation f on f.id = o.from_id join allocation t on t.id = o.to_id
          join trade_union giver on giver.id = coalesce(f.district_id, f.union_id)
          join trade_union taker on taker.id = coalesce(t.district_id, t.union_id)
        where f.benefit_id = b.id and f.starts_at = of.starts_at and exists (
          select from office x where x.union_id = any(u.path)
            or x.union_id = any(giver.path) or x.union_id = any(taker.path))), '[]') as openings
    from benefit b join trade_union u on u.id = b.union_id
      cross join lateral (
        select period_start(b.quota_period, case when ${month ?? null}::text is null then clock()
          else (${month ?? null}::text || '-01')::timestamp at time zone 'Asia/Shanghai' end) as starts_at
      ) period
      cross join lateral (
        select period.starts_at, case when b.quota_period = 'month'
          then to_char(period.starts_at at time zone 'Asia/Shanghai', 'YYYY-MM') end as month) of
    where b.id = ${benefitId} and exists (
      select from office o where o.union_id = any(u.path) or exists (
        select from allocation a
          join trade_union side on side.id in (a.union_id, a.district_id)
        where a.benefit_id = b.id and o.union_id = any(side.path)))`);
  return found ?? refuse(c);
}
