import { eq, sql } from 'drizzle-orm';
import * as z from 'zod';
import { refuse, signedIn } from '../authority.ts';
import { record, type Tx } from '../audit/record.ts';
import type { Ctx } from '../context.ts';
import { Problem } from '../errors.ts';
import type { Applier } from '../proposals/applier.ts';
import { type By, propose, type Proposed } from '../proposals/propose.ts';
import { benefit } from '../../db/schema/benefits.ts';
import type { OfflineTerms } from '../../db/schema/leases.ts';
import { payingStrangers } from '../allocations/strangers.ts';
import { rehearse } from '../proposals/rehearse.ts';
import { holding } from '../unions/office.ts';
import { requireAgreement, requirePayers } from './funding.ts';
import type { Made } from './terms-create.ts';
import { type LockedBenefit, lockBenefit, unionAbove } from './terms-lock.ts';
import { offlineTermsOf, setOfflineTerms } from './terms-offline.ts';
import { requirePlaces } from './terms-places.ts';
import { changedTerms, contradictions, fieldNames, type Terms, type TermsChange } from './terms.ts';

type Wanted = Omit<TermsChange, 'version' | 'reason'>;
type Named = { before: Terms; after: Terms; names: (keyof Terms)[]; live: Live };

/** Of the places that can be charged once a change is made: all, those not used yet, and whether some come back by it. */
type Live = { cap: number; unused: number; isRevived: boolean };

/**
 * Changes what is given of a benefit's terms, if it is still at the version that the caller looked at. A price or a rule
 * that makes its places cost somebody more is money, and so is an end that brings back places of a closed month: it needs
 * that office, and above the threshold a second person.
 */
export async function changeTerms(
  c: Ctx,
  benefitId: number,
  change: TermsChange,
): Promise<Made | { proposal: Proposed }> {
  const actor = signedIn(c);
  const { version: seen, reason, ...wanted } = change;
  const changed = await c.env.db.transaction(async (tx) => {
    const row = await lockBenefit(tx, actor, benefitId);
    if (!row) return undefined;
    if (row.stage === 'ended' || row.version !== seen)
      throw new Problem('changed_meanwhile', { version: row.version });
    const above = await unionAbove(tx, actor, row.unionId);
    if (wanted.isHeld !== undefined && above === null) return undefined;
    const differs = await compare(tx, row, wanted);
    const amountFen = repricedFen(differs);
    if (amountFen !== null) {
      const mine = await tx.execute(sql`
        select from (${holding(actor, 'money')}) o, trade_union u
        where u.id = ${row.unionId} and o.union_id = any(u.path)`);
      if (mine.length === 0) return undefined;
      const proposal = await propose(tx, actor, {
        unionId: row.unionId,
        action: 'funding.set',
        subject: 'benefit',
        subjectId: benefitId,
        subjectVersion: seen,
        payload: { benefitId, wanted, above, cap: differs.live.cap },
        amountFen,
        reason,
      });
      if (proposal) {
        await rehearse(tx, (trial) => alter(trial, row, { ...differs, wanted, above }));
        return { proposal };
      }
    }
    const by = { proposedBy: actor.userId, confirmedBy: null };
    return write(tx, by, row, { ...differs, wanted, above, reason });
  });
  return changed ?? refuse(c);
}

const payloadForm = z.strictObject({
  benefitId: z.int(),
  wanted: changedTerms.omit({ version: true, reason: true }),
  above: z.int().nullable(),
  /** The places it was looked at with. */
  cap: z.int(),
});

/** The second person's yes to it: not to more places than he was shown. */
export const applyFunding: Applier = async (tx, by, { payload, subjectVersion, reason }) => {
  const { benefitId, wanted, above, cap } = payloadForm.parse(payload);
  const [row] = await tx
    .select()
    .from(benefit)
    .where(eq(benefit.id, benefitId))
    .for('no key update');
  if (!row || String(row.version) !== subjectVersion) throw new Problem('proposal_stale');
  const differs = await compare(tx, row, wanted);
  if (differs.live.cap > cap) throw new Problem('proposal_stale');
  await write(tx, by, row, { ...differs, wanted, above, reason });
};

async function compare(
  tx: Tx,
  row: LockedBenefit,
  { isHeld: _, ...wanted }: Wanted,
): Promise<Named> {
  const before = termsOf(row, await offlineTermsOf(tx, row.id));
  const after: Terms = { ...before, ...wanted };
  const wrong = contradictions(after);
  if (wrong.length > 0) throw new Problem('invalid_request', { fields: wrong });
  if (row.claimKind !== null && after.offline) throw new Problem('claims_need_network');
  await requirePlaces(tx, row.unionId, after);
  const names = fieldNames.filter((name) => !isSame(before[name], after[name]));
  if (names.includes('funding')) await requirePayers(tx, row.unionId, after);
  return { before, after, names, live: await placesLive(tx, row, after) };
}

async function placesLive(tx: Tx, row: LockedBenefit, { endsAt }: Terms): Promise<Live> {
  const [live] = await tx.execute<Live>(sql`
    select coalesce(sum(a.cap), 0)::bigint as cap, coalesce(sum(a.cap - a.used), 0)::bigint as unused,
      coalesce(bool_or(is_over(a)), false) as "isRevived"
    from allocation a
    where a.benefit_id = ${row.id} and ${row.stage} <> 'ended' and not exists (
      select from period p
      where p.state = 'closed' and p.month = month_of(
        case when isfinite(a.starts_at) then a.starts_at else ${endsAt}::timestamptz end))`);
  return { cap: 0, unused: 0, isRevived: false, ...live };
}

/** Whether a change makes places cost anybody more than before. */
const costsMore = ({ before, after, names, live }: Named): boolean =>
  names.includes('funding') || after.priceFen > before.priceFen || live.isRevived;

/** What all unused places may cost from now on, where a change makes them cost anybody more; null where it does not. */
const repricedFen = (differs: Named): number | null =>
  costsMore(differs) && differs.live.unused > 0
    ? differs.live.unused * differs.after.priceFen
    : null;

type Altering = Named & { wanted: Wanted; above: number | null };

/** Refuses what these terms cannot be changed to, whoever says so, and changes them; undefined where they are so already. */
async function alter(
  tx: Tx,
  row: LockedBenefit,
  { wanted, above, ...differs }: Altering,
): Promise<{ heldBy: number | null; isHold: boolean; version: number } | undefined> {
  const { before, after, names } = differs;
  await requireRoom(tx, row.id, after.cap);
  const isDearer = costsMore(differs);
  if (isDearer) await requireAgreement(tx, row, before, after);
  if (names.includes('quotaPeriod')) await requireNoPlaces(tx, row.id);
  const heldBy = wanted.isHeld === undefined ? row.heldBy : wanted.isHeld ? above : null;
  // Restricting what a pause holds keeps it held beyond the pause.
  const isHold = heldBy !== row.heldBy || (wanted.isHeld !== undefined && row.isHeldByPause);
  if (names.length === 0 && !isHold) return undefined;
  const version = row.version + 1;
  const { startsAt, endsAt, offline, ...rest } = after;
  await tx
    .update(benefit)
    .set({
      ...rest,
      heldBy,
      ...(wanted.isHeld !== undefined && { isHeldByPause: false }),
      startsAt: new Date(startsAt),
      endsAt: new Date(endsAt),
      version,
    })
    .where(eq(benefit.id, row.id));
  if (names.includes('offline')) await setOfflineTerms(tx, row.id, offline);
  if (isDearer) await requireHomes(tx, row.id);
  if (after.priceFen > before.priceFen) await requireToppers(tx, row.id);
  return { heldBy, isHold, version };
}

async function write(
  tx: Tx,
  by: By,
  row: LockedBenefit,
  { reason, ...altering }: Altering & { reason: string },
): Promise<Made> {
  const altered = await alter(tx, row, altering);
  if (!altered) return { id: row.id, version: row.version };
  const { before, after, names } = altering;
  const { heldBy, isHold, version } = altered;
  const isDearer = costsMore(altering);
  if (isDearer || names.includes('priceFen'))
    await tx.execute(sql`select reserve_benefit(${row.id}, ${isDearer})`);
  await record(tx, {
    userId: by.proposedBy,
    confirmedBy: by.confirmedBy,
    unionId: row.unionId,
    action: 'benefit.change',
    subject: 'benefit',
    subjectId: row.id,
    reason,
    before: { ...pick(before, names), ...(isHold && { heldBy: row.heldBy }) },
    after: { ...pick(after, names), ...(isHold && { heldBy }) },
  });
  return { id: row.id, version };
}

/** A district that pays for its own members by an agreement agreed to the rule and the price as they were. */
async function requireHomes(tx: Tx, benefitId: number): Promise<void> {
  const pools = await tx.execute<{ districtId: number | null }>(sql`
    select distinct a.district_id as "districtId" from allocation a
    where a.benefit_id = ${benefitId} and a.cap > 0 and not is_over(a)`);
  const districts = pools.map(({ districtId }) => districtId);
  if ((await payingStrangers(tx, null, benefitId, districts)).length > 0)
    throw new Problem('payer_not_yours');
}

/** What a district added it pays alone, at the price that it saw. */
async function requireToppers(tx: Tx, benefitId: number): Promise<void> {
  const toppers = await tx.execute(sql`
    select from allocation a
      join benefit b on b.id = a.benefit_id
      join trade_union d on d.id = a.district_id
    where b.id = ${benefitId} and a.topped > a.topped_used and not is_over(a)
      and not b.union_id = any(d.path)
    limit 1`);
  if (toppers.length > 0) throw new Problem('payer_not_yours');
}

async function requireNoPlaces(tx: Tx, benefitId: number): Promise<void> {
  const given = await tx.execute(
    sql`select from allocation where benefit_id = ${benefitId} limit 1`,
  );
  if (given.length > 0)
    throw new Problem('invalid_request', {
      fields: [{ field: 'quotaPeriod', message: 'cannot change once places were given' }],
    });
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

/** The cap bounds what its allocations of one period may hold together; it changes only under the benefit's lock, as theirs do. */
async function requireRoom(tx: Tx, benefitId: number, cap: number | null): Promise<void> {
  if (cap === null) return;
  const [most] = await tx.execute<{ allocated: number; used: number }>(sql`
    select coalesce(max(s.allocated), 0)::bigint as allocated, coalesce(max(s.used), 0)::bigint as used
    from (
      select sum(a.cap - a.topped) as allocated,
        sum(a.cap - places_left(a, clock()) - a.topped_used) as used
      from allocation a where a.benefit_id = ${benefitId} group by a.starts_at) s`);
  const { allocated = 0, used = 0 } = most ?? {};
  if (cap < Number(used)) throw new Problem('cap_below_used', { used: Number(used) });
  if (cap < Number(allocated))
    throw new Problem('cap_above_benefit', { cap, allocated: Number(allocated) });
}
