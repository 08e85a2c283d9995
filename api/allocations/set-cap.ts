import { refuse, signedIn } from '../authority.ts';
import type { Ctx } from '../context.ts';
import type { Proposed } from '../proposals/propose.ts';
import { changePlaces } from './change.ts';
import { lockPlaces } from './lock.ts';
import { poolsIn } from './places.ts';

export type Pool = number | 'shared';
export type CapSet = { districtId: number | null; cap: number; used: number };

/**
 * Sets the cap of one pool, its top-up among it, and opens the pool where the benefit is the caller's own. Who may: money
 * of the benefit's union, or of the owner of this pool's places.
 */
export async function setCap(
  c: Ctx,
  benefitId: number,
  pool: Pool,
  { cap, month, reason }: { cap: number; month: string | null; reason: string },
): Promise<CapSet | { proposal: Proposed }> {
  const actor = signedIn(c);
  const districtId = pool === 'shared' ? null : pool;
  const set = await c.env.db.transaction(async (tx) => {
    const terms = await lockPlaces(tx, actor, benefitId, districtId);
    if (!terms || !(terms.isOwn || terms.isOwners)) return undefined;
    const find = async () =>
      (await poolsIn(tx, benefitId, month)).find((one) => one.districtId === districtId);
    const before = await find();
    if (!before && !terms.isOwn && month === null) return undefined;
    const proposal = await changePlaces(tx, actor, terms, {
      month,
      unionId: before?.unionId ?? terms.ownerId,
      places: [{ districtId, cap, topped: before?.topped ?? 0 }],
      reason,
    });
    if (proposal) return { proposal };
    return { districtId, cap, used: (await find())?.used ?? 0 };
  });
  return set ?? refuse(c);
}
