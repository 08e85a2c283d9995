import { eq, sql } from 'drizzle-orm';
import { refuse, signedIn } from '../authority.ts';
import { record } from '../audit/record.ts';
import { requireClaimable } from '../claims/missing.ts';
import type { Ctx } from '../context.ts';
import { Problem } from '../errors.ts';
import { benefit } from '../../db/schema/benefits.ts';
import { lockBenefit } from './terms-lock.ts';

export type Stage = (typeof benefit.$inferSelect)['stage'];
export type Staged = { id: number; version: number; stage: Stage };

const stages = benefit.stage.enumValues;

/**
 * Moves a benefit on: from draft to test, where partners try it, to published, to ended; never back. What is claimed is
 * published when there is something to claim. At the end what is reserved for its places is free again, and what is
 * claimed of it ends.
 */
export async function setStage(
  c: Ctx,
  benefitId: number,
  { stage, reason }: { stage: Stage; reason: string },
): Promise<Staged> {
  const actor = signedIn(c);
  const moved = await c.env.db.transaction(async (tx) => {
    const row = await lockBenefit(tx, actor, benefitId);
    if (!row) return undefined;
    if (stages.indexOf(stage) <= stages.indexOf(row.stage))
      throw new Problem('changed_meanwhile', { version: row.version });
    if (stage === 'published') await requireClaimable(tx, benefitId);
    const version = row.version + 1;
    await tx.update(benefit).set({ stage, version }).where(eq(benefit.id, benefitId));
    if (stage === 'ended') {
      await tx.execute(sql`select reserve_benefit(${benefitId})`);
      await tx.execute(sql`select lapse_claims(${benefitId})`);
    }
    await record(tx, {
      userId: actor.userId,
      unionId: row.unionId,
      action: 'benefit.stage',
      subject: 'benefit',
      subjectId: benefitId,
      reason,
      before: { stage: row.stage },
      after: { stage },
    });
    return { id: benefitId, version, stage };
  });
  return moved ?? refuse(c);
}
