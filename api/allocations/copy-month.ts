import { refuse, signedIn } from '../authority.ts';
import type { Ctx } from '../context.ts';
import { Problem } from '../errors.ts';
import type { Proposed } from '../proposals/propose.ts';
import { changePlaces } from './change.ts';
import { lockPlaces } from './lock.ts';
import { poolsIn } from './places.ts';
import { payingStrangers } from './strangers.ts';

export type Copied = { month: string; pools: number };

/**
 * Gives every pool of a month the places it had in another, without its top-up; pools that have more already keep them.
 * Not those of a district that pays for its own by an agreement: that was for once.
 */
export async function copyMonth(
  c: Ctx,
  benefitId: number,
  { from, month, reason }: { from: string; month: string; reason: string },
): Promise<Copied | { proposal: Proposed }> {
  const actor = signedIn(c);
  const done = await c.env.db.transaction(async (tx) => {
    const terms = await lockPlaces(tx, actor, benefitId, null);
    if (!terms?.isOwn) return undefined;
    const [before, now] = [await poolsIn(tx, benefitId, from), await poolsIn(tx, benefitId, month)];
    const strangers = await payingStrangers(
      tx,
      null,
      benefitId,
      before.map(({ districtId }) => districtId),
    );
    const given = before.filter(({ districtId }) => !strangers.some((id) => id === districtId));
    if (given.length === 0) throw new Problem('nothing_to_copy');
    const places = given.map(({ districtId, cap, topped }) => {
      const there = now.find((one) => one.districtId === districtId);
      const base = Math.max(cap - topped, there ? there.cap - there.topped : 0);
      return { districtId, cap: base + (there?.topped ?? 0), topped: there?.topped ?? 0 };
    });
    const proposal = await changePlaces(tx, actor, terms, {
      month,
      unionId: terms.unionId,
      places,
      reason,
    });
    return proposal ? { proposal } : { month, pools: places.length };
  });
  return done ?? refuse(c);
}
