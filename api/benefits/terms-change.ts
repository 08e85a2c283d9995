import { eq, sql } from 'drizzle-orm';
import { refuse, signedIn } from '../authority.ts';
import { record, type Tx } from '../audit/record.ts';
import type { Ctx } from '../context.ts';
import { Problem } from '../errors.ts';
import { allocation } from '../../db/schema/allocations.ts';
import { benefit } from '../../db/schema/benefits.ts';
import type { OfflineTerms } from '../../db/schema/leases.ts';
import type { Made } from './terms-create.ts';
import { type LockedBenefit, lockBenefit } from './terms-lock.ts';
import { offlineTermsOf, setOfflineTerms } from './terms-offline.ts';
import { requirePlaces } from './terms-places.ts';
import { contradictions, fieldNames, type Terms, type TermsChange } from './terms.ts';

/** Changes what is given of a benefit's terms, if it is still at the version that the caller looked at. */
export async function changeTerms(c: Ctx, benefitId: number, change: TermsChange): Promise<Made> {
  const actor = signedIn(c);
  const { version: seen, reason, ...wanted } = change;
  const changed = await c.env.db.transaction(async (tx) => {
    const row = await lockBenefit(tx, actor, benefitId);
    if (!row) return undefined;
    if (row.version !== seen) throw new Problem('changed_meanwhile', { version: row.version });
    const before = termsOf(row, await offlineTermsOf(tx, benefitId));
    const after: Terms = { ...before, ...wanted };
    const wrong = contradictions(after);
    if (wrong.length > 0) throw new Problem('invalid_request', { fields: wrong });
    await requirePlaces(tx, row.unionId, after);
    await requireRoom(tx, benefitId, after.cap);
    const names = fieldNames.filter((name) => !isSame(before[name], after[name]));
    if (names.length === 0) return { id: row.id, version: row.version };
    const version = row.version + 1;
    const { startsAt, endsAt, offline, ...rest } = after;
    await tx
      .update(benefit)
      .set({ ...rest, startsAt: new Date(startsAt), endsAt: new Date(endsAt), version })
      .where(eq(benefit.id, benefitId));
    if (names.includes('offline')) await setOfflineTerms(tx, benefitId, offline);
    await record(tx, {
      userId: actor.userId,
      unionId: row.unionId,
      action: 'benefit.change',
      subject: 'benefit',
      subjectId: benefitId,
      reason,
      before: pick(before, names),
      after: pick(after, names),
    });
    return { id: row.id, version };
  });
  return changed ?? refuse(c);
}

function termsOf(row: LockedBenefit, offline: OfflineTerms | null): Terms {
  const { startsAt, endsAt } = row;
  const window = { startsAt: startsAt.toISOString(), endsAt: endsAt.toISOString() };
  const whole = { ...row, ...window, offline };
  return pick(whole, fieldNames) as Terms;
}

function pick(terms: Terms, names: (keyof Terms)[]): Partial<Terms> {
  return Object.fromEntries(names.map((name) => [name, terms[name]]));
}

/** The database gives an object's keys in an order of its own. */
function isSame(one: unknown, other: unknown): boolean {
  return canonical(one) === canonical(other);
}

function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

/** The cap bounds what its allocations may hold together; it changes only under the benefit's lock, as theirs do. */
async function requireRoom(tx: Tx, benefitId: number, cap: number | null): Promise<void> {
  if (cap === null) return;
  const [sum] = await tx
    .select({
      allocated: sql<number>`coalesce(sum(${allocation.cap}), 0)::bigint`,
      used: sql<number>`coalesce(sum(${allocation.cap} - places_left(${allocation}, clock())), 0)::bigint`,
    })
    .from(allocation)
    .where(eq(allocation.benefitId, benefitId));
  const { allocated = 0, used = 0 } = sum ?? {};
  if (cap < used) throw new Problem('cap_below_used', { used });
  if (cap < allocated) throw new Problem('cap_above_benefit', { cap, allocated });
}
