import { and, eq, sql } from 'drizzle-orm';
import { benefitPartner } from '../../db/schema/benefits.ts';
import { refuse, signedIn } from '../authority.ts';
import { record, type Tx } from '../audit/record.ts';
import type { Ctx } from '../context.ts';
import { Problem } from '../errors.ts';
import { type Admission, reserve } from './admit.ts';
import { lockAdmission } from './lock-admission.ts';

type Pair = { benefitId: number; partnerId: number };

const actions = {
  live: 'admission.open',
  paused: 'admission.pause',
  ended: 'partner.remove',
} as const;

/** From which states each is reached. An ended admission comes back by a new one alone. */
const from = {
  live: ['testing', 'paused'],
  paused: ['live'],
  ended: ['testing', 'live', 'paused'],
};

/**
 * Opens an admission whose test redemption was accepted, pauses it, opens it again, or ends it: at the next request.
 * Members who used the benefit there read the reason in their news.
 */
export async function setAdmissionState(
  c: Ctx,
  pair: Pair,
  state: 'live' | 'paused' | 'ended',
  reason: string,
): Promise<Admission> {
  const actor = signedIn(c);
  const changed = await c.env.db.transaction(async (tx) => {
    const locked = await lockAdmission(tx, actor, pair, state !== 'live');
    if (!locked?.admission || (locked.admission.state === 'ended' && state === 'ended'))
      return undefined;
    const { admission, isCharged, isPartnerEnded } = locked;
    if (!from[state].includes(admission.state) || (isPartnerEnded && state === 'live'))
      throw new Problem('changed_meanwhile');
    if (admission.state === 'testing' && state === 'live' && !(await hasPassed(tx, pair)))
      throw new Problem('trial_missing');
    const { benefitId, partnerId } = pair;
    await tx
      .update(benefitPartner)
      .set({ state, stateReason: state === 'live' ? null : reason })
      .where(and(eq(benefitPartner.benefitId, benefitId), eq(benefitPartner.partnerId, partnerId)));
    if (isCharged && state === 'ended') await reserve(tx, pair, false);
    await record(tx, {
      userId: actor.userId,
      unionId: isCharged ? locked.partnerUnionId : locked.benefitUnionId,
      action: actions[state],
      subject: 'benefit',
      subjectId: benefitId,
      reason,
      before: { partnerId, state: admission.state },
      after: { partnerId, state },
    });
    return { ...pair, state };
  });
  return changed ?? refuse(c);
}

/** A test from before the present admission shows nothing. */
async function hasPassed(tx: Tx, { benefitId, partnerId }: Pair): Promise<boolean> {
  const found = await tx.execute(sql`
    select from trial t
      join benefit_partner a on a.benefit_id = t.benefit_id and a.partner_id = t.partner_id
    where t.benefit_id = ${benefitId} and t.partner_id = ${partnerId} and t.passed_at >= a.admitted_at
    limit 1`);
  return found.length > 0;
}
