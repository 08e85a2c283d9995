import { and, eq, sql } from 'drizzle-orm';
import { refuse, signedIn } from '../authority.ts';
import { record } from '../audit/record.ts';
import { lockBenefit } from '../benefits/terms-lock.ts';
import type { Ctx } from '../context.ts';
import { benefitPartner } from '../../db/schema/benefits.ts';
import { partner } from '../../db/schema/partners.ts';

export type Admission = { benefitId: number; partnerId: number; isAdmitted: boolean };

/** Lets a partner give a benefit of the caller's unions; the partner may be of any district. */
export async function admitPartner(
  c: Ctx,
  benefitId: number,
  partnerId: number,
  reason: string,
): Promise<Admission> {
  const actor = signedIn(c);
  const admission = await c.env.db.transaction(async (tx) => {
    const benefit = await lockBenefit(tx, actor, benefitId);
    const known = await tx.select().from(partner).where(eq(partner.id, partnerId));
    if (!benefit || known.length === 0) return undefined;
    const made = await tx
      .insert(benefitPartner)
      .values({ benefitId, partnerId, admittedAt: sql`clock()` })
      .onConflictDoNothing()
      .returning();
    if (made.length > 0)
      await record(tx, {
        userId: actor.userId,
        unionId: benefit.unionId,
        action: 'partner.admit',
        subject: 'benefit',
        subjectId: benefitId,
        reason,
        before: null,
        after: { partnerId },
      });
    return { benefitId, partnerId, isAdmitted: true };
  });
  return admission ?? refuse(c);
}

/** From the next request on, the partner gives the benefit no more. */
export async function removePartner(
  c: Ctx,
  benefitId: number,
  partnerId: number,
  reason: string,
): Promise<Admission> {
  const actor = signedIn(c);
  const admission = await c.env.db.transaction(async (tx) => {
    const benefit = await lockBenefit(tx, actor, benefitId);
    if (!benefit) return undefined;
    const removed = await tx
      .delete(benefitPartner)
      .where(and(eq(benefitPartner.benefitId, benefitId), eq(benefitPartner.partnerId, partnerId)))
      .returning();
    if (removed.length === 0) return undefined;
    await record(tx, {
      userId: actor.userId,
      unionId: benefit.unionId,
      action: 'partner.remove',
      subject: 'benefit',
      subjectId: benefitId,
      reason,
      before: { partnerId },
      after: null,
    });
    return { benefitId, partnerId, isAdmitted: false };
  });
  return admission ?? refuse(c);
}
