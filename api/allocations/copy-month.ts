import { sql } from 'drizzle-orm';
import { refuse, signedIn } from '../authority.ts';
import type { Tx } from '../audit/record.ts';
import type { Ctx } from '../context.ts';
import { Problem } from '../errors.ts';
import type { Proposed } from '../proposals/propose.ts';
import { changePlaces } from './change.ts';
import { lockPlaces } from './lock.ts';
import { poolsIn, startOf } from './places.ts';
import { payingStrangers } from './strangers.ts';

export type Copied = { month: string; pools: number };

/**
 * Gives every pool of a month the places it had in another, without its top-up, and as if none had been opened to others:
 * that was until a date. Pools that have more already keep them. Not those of a district that pays for its own by an
 * agreement: that was for once.
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
    const lent = await lentIn(tx, benefitId, from);
    const places = given.map(({ districtId, cap, topped }) => {
      const there = now.find((one) => one.districtId === districtId);
      const own = cap - topped + (lent.find((one) => one.districtId === districtId)?.units ?? 0);
      const base = Math.max(own, there ? there.cap - there.topped : 0);
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

/** What each pool has less for openings, used ones among them; where it is below zero, more. */
async function lentIn(tx: Tx, benefitId: number, month: string) {
  return tx.execute<{ districtId: number | null; units: number }>(sql`
    select a.district_id as "districtId", sum(
      case when o.from_id = a.id then 1 else -1 end * (o.units - coalesce(o.returned, 0)))::int as units
    from allocation a join opening o on a.id in (o.from_id, o.to_id)
    where a.benefit_id = ${benefitId} and a.starts_at = ${startOf(month)}
    group by a.district_id`);
}
