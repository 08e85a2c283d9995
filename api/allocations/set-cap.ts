import { and, eq, lte, sql } from 'drizzle-orm';
import { refuse, signedIn } from '../authority.ts';
import { record, type Tx } from '../audit/record.ts';
import type { Actor } from '../caller.ts';
import type { Ctx } from '../context.ts';
import { Problem } from '../errors.ts';
import { allocation } from '../../db/schema/allocations.ts';
import { administered } from '../unions/office.ts';

export type Pool = number | 'shared';
export type CapSet = { districtId: number | null; cap: number; used: number };

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
    if (before && before.cap === cap) return { districtId, cap, used: before.used };
    const others = counters.reduce((sum, one) => (one === before ? sum : sum + one.cap), 0);
    if (found.cap !== null && others + cap > found.cap)
      throw new Problem('cap_above_benefit', { cap: found.cap, allocated: others });
    const used = before
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
    return { districtId, cap, used };
  });
  return set ?? refuse(c);
}

/**
 * The benefit's lock, when the caller administers its union or the owner of this pool. The owner, who pays for what is
 * used, is the district itself where the benefit's union stands above it, else the benefit's union.
 */
async function lockPool(
  tx: Tx,
  actor: Actor,
  benefitId: number,
  districtId: number | null,
): Promise<Found | undefined> {
  const [found] = await tx.execute<Found>(sql`
    with office as materialized (${administered(actor)})
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

/** Guarded in the same statement as the change, so that a redemption in between cannot slip under the new cap. */
async function resize(tx: Tx, id: number, cap: number): Promise<number> {
  const [resized] = await tx
    .update(allocation)
    .set({ cap })
    .where(and(eq(allocation.id, id), lte(allocation.used, cap)))
    .returning({ used: allocation.used });
  if (resized) return resized.used;
  const [now] = await tx
    .select({ used: allocation.used })
    .from(allocation)
    .where(eq(allocation.id, id));
  throw new Problem('cap_below_used', { used: now?.used ?? 0 });
}

async function open(tx: Tx, values: typeof allocation.$inferInsert): Promise<number> {
  await tx.insert(allocation).values(values);
  return 0;
}
