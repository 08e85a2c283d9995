import { type SQL, sql } from 'drizzle-orm';

/** One pool of a benefit as the console shows it; `districtId` null is the shared one. */
export type PoolView = {
  districtId: number | null;
  nameZh: string | null;
  nameEn: string | null;
  cap: number;
  /** How many of the cap its district adds and pays alone, and how many of these were used. */
  topped: number;
  toppedUsed: number;
  /** Units that were used, those of leases among them. */
  used: number;
  /** Units in devices' hands that are not used yet; only the shared pool has any. */
  leased: number;
  /** Units of claims that hold one and were not used yet. */
  claimed: number;
  /** Whether the caller may change the cap. */
  canEdit: boolean;
  /** Whether the caller may add places that the pool's district pays. */
  canTopUp: boolean;
};

/**
 * The pools of benefit `b` of union `u` that the officer in `office` may see, home districts by code, then the shared
 * one: all of them where the benefit is in scope, else those whose owner or district is, and the shared one. What a lease that is
 * due has not used is there for everybody, whether or not it was taken back yet. Of the period that begins at `startsAt`.
 */
export const poolsOf = (startsAt: SQL): SQL => sql`coalesce((
  select jsonb_agg(jsonb_build_object(
    'districtId', a.district_id, 'nameZh', d.name_zh, 'nameEn', d.name_en, 'cap', a.cap, 'topped', a.topped, 'toppedUsed', a.topped_used,
    'used', a.used + a.leased - coalesce(held.units, 0), 'leased', coalesce(held.still_units, 0), 'claimed', a.claimed,
    'canEdit', b.stage <> 'ended' and exists (
      select from office o where role_may(o.role, 'money')
        and (o.union_id = any(u.path) or o.union_id = any(owner.path))),
    'canTopUp', b.stage <> 'ended' and exists (
      select from office o where role_may(o.role, 'money') and o.union_id = any(d.path)))
    order by d.district_code nulls last)
  from allocation a
    join trade_union owner on owner.id = a.union_id
    left join trade_union d on d.id = a.district_id
    left join lateral (
      select sum(l.units - l.used) as units,
        sum(l.units - l.used) filter (where l.returns_at > clock()) as still_units
      from lease l where l.allocation_id = a.id and l.returned_at is null) held on a.leased > 0
  where a.benefit_id = b.id and a.starts_at = ${startsAt} and (a.district_id is null or exists (
    select from office o where o.union_id = any(u.path) or o.union_id = any(owner.path)
      or o.union_id = any(d.path)))), '[]')`;

/** Of the present period: this month, or the whole. */
export const pools = poolsOf(sql`period_start(b.quota_period, clock())`);
