import { sql } from 'drizzle-orm';
import { benefitPartner } from '../../db/schema/benefits.ts';
import { refuse, signedIn } from '../authority.ts';
import { record, type Tx } from '../audit/record.ts';
import type { Ctx } from '../context.ts';
import { Problem } from '../errors.ts';
import type { Applier } from '../proposals/applier.ts';
import { type By, propose, type Proposed } from '../proposals/propose.ts';
import { type AdmissionTerms, admissionPayload } from './admission-terms.ts';
import { type Admitted, lockAdmission, type Locked } from './lock-admission.ts';

export type Admission = {
  benefitId: number;
  partnerId: number;
  state: 'testing' | 'live' | 'paused' | 'ended';
};

type Pair = { benefitId: number; partnerId: number };

/**
 * Lets a partner give a benefit on these terms, or changes them. A new one, and one that had ended, begins with testing.
 * Where the benefit charges the partner's district, `cap` units of its share are reserved there; above that district's
 * threshold this waits for a second person.
 */
export async function admitPartner(
  c: Ctx,
  pair: Pair,
  terms: AdmissionTerms,
  reason: string,
): Promise<{ admission: Admission } | { proposal: Proposed }> {
  const actor = signedIn(c);
  const answer = await c.env.db.transaction(async (tx) => {
    const locked = await lockAdmission(tx, actor, asked(pair, terms));
    if (!locked) return undefined;
    await requireTerms(tx, locked, pair, terms);
    const proposal = await propose(tx, actor, {
      unionId: locked.partnerUnionId,
      action: 'admission.set',
      subject: 'benefit',
      subjectId: pair.benefitId,
      subjectVersion: versionOf(locked),
      payload: { ...pair, terms },
      amountFen:
        locked.isCharged && isMore(locked, terms) ? locked.chargedFen * (terms.cap ?? 0) : 0,
      reason,
    });
    if (proposal !== null) return { proposal };
    const by = { proposedBy: actor.userId, confirmedBy: null };
    return { admission: await store(tx, by, locked, pair, terms, reason) };
  });
  return answer ?? refuse(c);
}

/** The second person's yes to it. */
export const applyAdmission: Applier = async (tx, by, { payload, subjectVersion, reason }) => {
  const { terms, ...pair } = admissionPayload.parse(payload);
  const locked = await lockAdmission(tx, null, asked(pair, terms));
  if (!locked || versionOf(locked) !== subjectVersion) throw new Problem('proposal_stale');
  await requireTerms(tx, locked, pair, terms);
  await store(tx, by, locked, pair, terms, reason);
};

const asked = (pair: Pair, { priceFen, cap, capADay }: AdmissionTerms) => ({
  ...pair,
  priceFen,
  isCapped: cap !== null || capADay !== null,
});

/** What was looked at: the terms so far, and what the benefit costs. */
function versionOf({ admission, priceFen, chargedFen }: Locked): string {
  return JSON.stringify([admission && { ...admission, used: null }, priceFen, chargedFen]);
}

/** Whether these terms may cost more than those so far. */
const isMore = ({ admission, priceFen }: Locked, terms: AdmissionTerms): boolean =>
  admission === null ||
  admission.state === 'ended' ||
  (terms.cap ?? 0) > (admission.cap ?? 0) ||
  (terms.priceFen ?? priceFen) > (admission.priceFen ?? priceFen);

async function requireTerms(
  tx: Tx,
  { priceFen, stage, isPartnerEnded, isCharged, admission }: Locked,
  { partnerId }: Pair,
  terms: AdmissionTerms,
): Promise<void> {
  if (stage === 'ended' || isPartnerEnded) throw new Problem('changed_meanwhile');
  const wrong = (field: string, message: string) =>
    new Problem('invalid_request', { fields: [{ field, message }] });
  if (terms.priceFen !== null && terms.priceFen > priceFen)
    throw wrong('priceFen', 'is above the price of the benefit');
  if (isCharged && terms.cap === null)
    throw wrong('cap', 'is needed: so much is reserved by the district that pays a share');
  if (terms.cap !== null && terms.cap < (admission?.used ?? 0)) throw new Problem('cap_below_used');
  if (terms.outletIds === null) return;
  const known = await tx.execute<{ id: number }>(sql`
    select id from outlet where partner_id = ${partnerId}`);
  if (!terms.outletIds.every((id) => known.some((one) => one.id === id)))
    throw wrong('outletIds', 'names an outlet of another partner');
}

async function store(
  tx: Tx,
  by: By,
  locked: Locked,
  pair: Pair,
  terms: AdmissionTerms,
  reason: string,
): Promise<Admission> {
  const { benefitUnionId, partnerUnionId, isCharged, admission } = locked;
  const isNew = admission === null || admission.state === 'ended';
  const state = isNew ? ('testing' as const) : admission.state;
  const before = admission && said(admission);
  const after = said({ ...terms, state });
  if (JSON.stringify(before) === JSON.stringify(after)) return { ...pair, state };
  const begun = isNew && { state, stateReason: null, admittedAt: sql`clock()` };
  await tx
    .insert(benefitPartner)
    .values({ ...pair, ...terms, state: 'testing', admittedAt: sql`clock()` })
    .onConflictDoUpdate({
      target: [benefitPartner.benefitId, benefitPartner.partnerId],
      set: { ...terms, ...begun },
    });
  if (isCharged) await reserve(tx, pair, isMore(locked, terms));
  await record(tx, {
    userId: by.proposedBy,
    confirmedBy: by.confirmedBy,
    unionId: isCharged ? partnerUnionId : benefitUnionId,
    action: isNew ? 'partner.admit' : 'admission.change',
    subject: 'benefit',
    subjectId: pair.benefitId,
    reason,
    before: before && { partnerId: pair.partnerId, ...before },
    after: { partnerId: pair.partnerId, ...after },
  });
  return { ...pair, state };
}

/**
 * Holds ready what its uses may cost the partner's district, or gives back what it does not need any more: that is never
 * refused, however short the budget is.
 */
export async function reserve(
  tx: Tx,
  { benefitId, partnerId }: Pair,
  isMore: boolean,
): Promise<void> {
  await tx.execute(sql`select reserve_admission(${benefitId}, ${partnerId}, ${isMore})`);
}

const said = (of: Omit<Admitted, 'used' | 'stateReason'>) => ({
  state: of.state,
  priceFen: of.priceFen,
  capADay: of.capADay,
  cap: of.cap,
  outletIds: of.outletIds,
  isOfflineAllowed: of.isOfflineAllowed,
});
