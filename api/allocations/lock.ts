import { sql } from 'drizzle-orm';
import type { Tx } from '../audit/record.ts';
import type { Actor } from '../caller.ts';
import { Problem } from '../errors.ts';
import type { Share } from '../../db/schema/benefits.ts';
import { holding } from '../unions/office.ts';

export type LockedTerms = {
  id: number;
  unionId: number;
  /** Who pays for the asked pool's places by default: it, where the benefit's union stands above it. */
  ownerId: number;
  cap: number | null;
  priceFen: number;
  funding: Share[] | null;
  quotaPeriod: 'month' | 'total';
  stage: 'draft' | 'test' | 'published' | 'ended';
  /** Whether the caller's money is that of the benefit's union, of the pool's owner, of the pool's district. */
  isOwn: boolean;
  isOwners: boolean;
  isDistricts: boolean;
};

/**
 * The benefit's lock, and what the caller's office says about the places of one pool; `actor` null: it was judged before.
 * Undefined where there is no such benefit or district; of one that has ended nothing is changed any more.
 */
export async function lockPlaces(
  tx: Tx,
  actor: Actor | null,
  benefitId: number,
  districtId: number | null,
): Promise<LockedTerms | undefined> {
  const office =
    actor === null ? sql`select null::int as union_id where false` : holding(actor, 'money');
  const [found] = await tx.execute<LockedTerms>(sql`
    with office as materialized (${office})
    select b.id, b.union_id as "unionId", b.cap, b.price_fen as "priceFen", b.funding,
      b.quota_period as "quotaPeriod", b.stage,
      case when u.id = any(d.path) then d.id else u.id end as "ownerId",
      exists (select from office o where o.union_id = any(u.path)) as "isOwn",
      exists (
        select from office o, allocation a join trade_union owner on owner.id = a.union_id
        where a.benefit_id = b.id and a.district_id = d.id and o.union_id = any(owner.path)) as "isOwners",
      exists (select from office o where o.union_id = any(d.path)) as "isDistricts"
    from benefit b
      join trade_union u on u.id = b.union_id
      left join trade_union d on d.id = ${districtId}::int and d.level = 2
    where b.id = ${benefitId} and (${districtId}::int is null or d.id is not null)
    for no key update of b`);
  if (found?.stage === 'ended')
    throw new Problem(actor === null ? 'proposal_stale' : 'changed_meanwhile');
  return found;
}
