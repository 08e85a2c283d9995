import { eq, sql } from 'drizzle-orm';
import { refuse, signedIn } from '../authority.ts';
import { record, type Tx } from '../audit/record.ts';
import type { Actor } from '../caller.ts';
import type { Ctx } from '../context.ts';
import { Problem } from '../errors.ts';
import { allocation } from '../../db/schema/allocations.ts';
import { holding } from '../unions/office.ts';

export type Pool = number | 'shared';
export type CapSet = { districtId: number | null; cap: number; used: number };

/** The units of pool `a` that were used, through a lease or not. */
const used = sql`a.used + a.leased - coalesce((
  select sum(l.units - l.used) from lease l where l.allocation_id = a.id and l.returned_at is null), 0)::int`;

type Found = {
  cap: number | null;
  ownerId: number;
  mayOpen: boolean;
};

/**
 * Sets the cap of one pool, and opens the pool where the benefit is the caller's own. Locks the benefit, which every
 * change of a cap does, then the one counter; redemptions never hold the benefit, so the two cannot wait in a ring.
 */
export async function setCap(
  c: Ctx,
  benefitId: number,
  pool: Pool,
  { cap, reason }: { cap: number; reason: string },
): Promise<CapSet> {
  const actor = signedIn(c);
  const districtId = pool === 'shared' ? null : pool;
  const set = await c.env.db.transaction(async (tx) => {
    const found = await lockPool(tx, actor, benefitId, districtId);
    if (!found) return undefined;
    const counters = await tx.select().from(allocation).where(eq(allocation.benefitId, benefitId));
    const before = counters.find((counter) => counter.districtId === districtId);
    if (!before && !found.mayOpen) return undefined;
    if (before?.cap === cap) return { districtId, cap, used: await usedOf(tx, before.id) };
    const others = counters.reduce((sum, one) => (one === before ? sum : sum + one.cap), 0);
    if (found.cap !== null && others + cap > found.cap)
      throw new Problem('cap_above_benefit', { cap: found.cap, allocated: others });
    const usedNow = before
      ? await resize(tx, before.id, cap)
      : await open(tx, { benefitId, districtId, unionId: found.ownerId, cap });
    await record(tx, {
      userId: actor.userId,
      unionId: before?.unionId ?? found.ownerId,
      action: 'allocation.set',
      subject: 'benefit',
      subjectId: benefitId,
      reason,
      before: before ? { districtId, cap: before.cap } : null,
      after: { districtId, cap },
    });
    return { districtId, cap, used: usedNow };
  });
  return set ?? refuse(c);
}

/**
 * The benefit's lock, when the money of its union, or of the owner of this pool, is the caller's. The owner, who pays for what is
 * used, is the district itself where the benefit's union stands above it, else the benefit's union.
 */
async function lockPool(
  tx: Tx,
  actor: Actor,
  benefitId: number,
  districtId: number | null,
): Promise<Found | undefined> {
  const [found] = await tx.execute<Found>(sql`
    with office as materialized (${holding(actor, 'money')})
    select b.cap,
      case when u.id = any(d.path) then d.id else u.id end as "ownerId",
      exists (select from office o where o.union_id = any(u.path)) as "mayOpen"
    from benefit b
      join trade_union u on u.id = b.union_id
      left join trade_union d on d.id = ${districtId}::int and d.level = 2
    where b.id = ${benefitId} and (${districtId}::int is null or d.id is not null) and exists (
      select from office o where o.union_id = any(u.path) or exists (
        select from allocation a join trade_union owner on owner.id = a.union_id
        where a.benefit_id = b.id and a.district_id = d.id and o.union_id = any(owner.path)))
    for no key update of b`);
  return found;
}

/**
 * Guarded in the same statement as the change, so that a redemption in between cannot slip under the new cap. Units in
 * devices' hands are taken like used ones, but not those that no device may use any more.
 */
async function resize(tx: Tx, id: number, cap: number): Promise<number> {
  await tx.execute(sql`select from allocation where id = ${id} for no key update`);
  await tx.execute(sql`select from return_due_leases(array[${id}::int], clock())`);
  const [pool] = await tx.execute<{ used: number; taken: number; isSet: boolean }>(sql`
    with resized as (
      update allocation set cap = ${cap} where id = ${id} and used + leased <= ${cap} returning id
    )
    select ${used} as used, a.used + a.leased as taken, exists (select from resized) as "isSet"
    from allocation a where a.id = ${id}`);
  if (pool?.isSet !== true) throw new Problem('cap_below_used', { used: pool?.taken ?? 0 });
  return pool.used;
}

async function usedOf(tx: Tx, id: number): Promise<number> {
  const [pool] = await tx.execute<{ used: number }>(sql`
    select ${used} as used from allocation a where a.id = ${id}`);
  return pool?.used ?? 0;
}

async function open(tx: Tx, values: typeof allocation.$inferInsert): Promise<number> {
  await tx.insert(allocation).values(values);
  return 0;
}
