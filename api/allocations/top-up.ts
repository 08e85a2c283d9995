import { refuse, signedIn } from '../authority.ts';
import type { Ctx } from '../context.ts';
import type { Proposed } from '../proposals/propose.ts';
import { changePlaces } from './change.ts';
import { lockPlaces } from './lock.ts';
import { poolsIn } from './places.ts';

export type ToppedUp = { districtId: number; cap: number; topped: number };

/**
 * A district adds places of its own to its pool of a benefit, whoever gives that: it pays their whole price, and they are
 * taken after the pool's other places, which stay as they are, and before the shared ones.
 */
export async function topUp(
  c: Ctx,
  benefitId: number,
  districtId: number,
  { units, month, reason }: { units: number; month: string | null; reason: string },
): Promise<ToppedUp | { proposal: Proposed }> {
  const actor = signedIn(c);
  const done = await c.env.db.transaction(async (tx) => {
    const terms = await lockPlaces(tx, actor, benefitId, districtId);
    // What is not published yet is its union's alone to see.
    if (!terms?.isDistricts || !(terms.isOwn || terms.stage === 'published')) return undefined;
    const now = await poolsIn(tx, benefitId, month);
    const before = now.find((one) => one.districtId === districtId);
    const cap = (before ? before.cap - before.topped : 0) + units;
    const proposal = await changePlaces(tx, actor, terms, {
      month,
      unionId: districtId,
      places: [{ districtId, cap, topped: units }],
      reason,
    });
    return proposal ? { proposal } : { districtId, cap, topped: units };
  });
  return done ?? refuse(c);
}
