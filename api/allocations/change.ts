import * as z from 'zod';
import { record, type Tx } from '../audit/record.ts';
import type { Actor } from '../caller.ts';
import { Problem } from '../errors.ts';
import type { Applier } from '../proposals/applier.ts';
import { type By, propose, type Proposed } from '../proposals/propose.ts';
import { lockPlaces, type LockedTerms } from './lock.ts';
import { payingStrangers } from './strangers.ts';
import {
  type Places,
  type PoolNow,
  poolsIn,
  requireCap,
  requireDrawKept,
  requireMonthAhead,
  requirePeriod,
  requireRoom,
  setPlaces,
} from './places.ts';

const places = z.strictObject({
  districtId: z.int().nullable(),
  cap: z.int(),
  topped: z.int(),
});

const payloadForm = z.strictObject({
  benefitId: z.int(),
  month: z.string().nullable(),
  unionId: z.int(),
  places: z.array(places),
});

type Payload = z.infer<typeof payloadForm>;

/**
 * Changes pools of one period. More places than before cost money: above the threshold of the union that answers for them
 * it waits for a second person, by what these pools and all others of that union in the period may then cost, so that
 * many small steps, in one pool or over many, are no way round.
 */
export async function changePlaces(
  tx: Tx,
  actor: Actor,
  terms: LockedTerms,
  change: { month: string | null; unionId: number; places: readonly Places[]; reason: string },
): Promise<Proposed | null> {
  const { month, unionId, reason } = change;
  await requirePeriod(tx, terms.quotaPeriod, month);
  const now = await poolsIn(tx, terms.id, month);
  const changed = change.places.filter((one) => {
    const before = now.find(({ districtId }) => districtId === one.districtId);
    return before?.cap !== one.cap || before.topped !== one.topped;
  });
  if (changed.length === 0) return null;
  const rising = changed.filter((one) => {
    const before = now.find(({ districtId }) => districtId === one.districtId);
    return one.cap > (before?.cap ?? 0) || one.topped > (before?.topped ?? 0);
  });
  const others = now.filter(
    (one) =>
      one.unionId === unionId && !changed.some(({ districtId }) => districtId === one.districtId),
  );
  for (const { cap } of rising) requireCap(cap);
  if (rising.length > 0) await requireMonthAhead(tx, terms.id, month);
  requireRoom(terms, now, changed);
  await requireDrawKept(tx, terms.id, now, changed);
  const more = rising.filter(({ districtId, cap, topped }) => {
    const before = now.find((one) => one.districtId === districtId);
    return cap - topped > (before?.cap ?? 0) - (before?.topped ?? 0);
  });
  const strangers = await payingStrangers(tx, actor, terms.id, districtsOf(more));
  if (strangers.length > 0) throw new Problem('payer_not_yours');
  const payload: Payload = { benefitId: terms.id, month, unionId, places: changed };
  const proposal = await propose(tx, actor, {
    unionId,
    action: 'allocation.set',
    subject: 'benefit',
    subjectId: terms.id,
    subjectVersion: versionOf(terms, now, changed),
    payload,
    amountFen: rising.length === 0 ? 0 : terms.priceFen * (sumOf(rising) + sumOf(others)),
    reason,
  });
  if (proposal === null)
    await apply(tx, { proposedBy: actor.userId, confirmedBy: null }, terms, now, payload, reason);
  return proposal;
}

/** The second person's yes to it. */
export const applyPlaces: Applier = async (tx, by, { payload, subjectVersion, reason }) => {
  const asked = payloadForm.parse(payload);
  const terms = await lockPlaces(tx, null, asked.benefitId, null);
  const now = await poolsIn(tx, asked.benefitId, asked.month);
  if (!terms || versionOf(terms, now, asked.places) !== subjectVersion)
    throw new Problem('proposal_stale');
  await requirePeriod(tx, terms.quotaPeriod, asked.month);
  await apply(tx, by, terms, now, asked, reason);
};

async function apply(
  tx: Tx,
  by: By,
  terms: LockedTerms,
  now: readonly PoolNow[],
  { month, unionId, places: wanted }: Payload,
  reason: string,
): Promise<void> {
  await setPlaces(tx, terms, month, wanted);
  const [only] = wanted.length === 1 ? wanted : [];
  const was = now.find(({ districtId }) => districtId === only?.districtId);
  const ofMonth = month === null ? {} : { month };
  await record(tx, {
    userId: by.proposedBy,
    confirmedBy: by.confirmedBy,
    unionId,
    action: 'allocation.set',
    subject: 'benefit',
    subjectId: terms.id,
    reason,
    before: only
      ? was
        ? { ...said(was, only), ...ofMonth }
        : null
      : { ...ofMonth, pools: now.length, cap: sumOf(now) },
    after: only
      ? { ...said(only, was ?? only), ...ofMonth }
      : { ...ofMonth, pools: wanted.length, cap: sumOf(wanted) },
  });
}

/** A top-up is named where there is one before or after. */
function said({ districtId, cap, topped }: Places, other: Places) {
  return { districtId, cap, ...((topped > 0 || other.topped > 0) && { topped }) };
}

const sumOf = (places: readonly Places[]) => places.reduce((sum, { cap }) => sum + cap, 0);

const districtsOf = (places: readonly Places[]) => places.map(({ districtId }) => districtId);

/** What was looked at: the price, who pays it, and these pools as they were. */
function versionOf(
  { priceFen, funding, cap }: LockedTerms,
  now: readonly PoolNow[],
  wanted: readonly Places[],
): string {
  const before = wanted.map(({ districtId }) => {
    const pool = now.find((one) => one.districtId === districtId);
    return [districtId, pool?.cap ?? null, pool?.topped ?? null];
  });
  return JSON.stringify([priceFen, funding, cap, before]);
}
