import { eq, sql } from 'drizzle-orm';
import { refuse, signedIn } from '../authority.ts';
import { record } from '../audit/record.ts';
import type { Ctx } from '../context.ts';
import { Problem } from '../errors.ts';
import { benefit } from '../../db/schema/benefits.ts';
import { lockBenefit, unionAbove } from './terms-lock.ts';

export type Paused = { id: number; version: number; pausedAt: Date | null };

/** Stops a benefit for everybody at the next request. */
export const pauseBenefit = (c: Ctx, benefitId: number, reason: string) =>
  setPaused(c, benefitId, true, reason);

/** Opens a paused benefit again. */
export const resumeBenefit = (c: Ctx, benefitId: number, reason: string) =>
  setPaused(c, benefitId, false, reason);

async function setPaused(
  c: Ctx,
  benefitId: number,
  isPause: boolean,
  reason: string,
): Promise<Paused> {
  const actor = signedIn(c);
  const changed = await c.env.db.transaction(async (tx) => {
    const row = await lockBenefit(tx, actor, benefitId);
    if (!row) return undefined;
    if ((row.pausedAt !== null) === isPause)
      throw new Problem('changed_meanwhile', { version: row.version });
    if (row.stage === 'ended') throw new Problem('changed_meanwhile', { version: row.version });
    const isHeldByPause = isPause && row.heldBy === null;
    // What a union above stopped, only it or those above it open again.
    const above = isHeldByPause ? await unionAbove(tx, actor, row.unionId) : null;
    const heldBy = row.isHeldByPause ? null : (row.heldBy ?? above);
    const [now] = await tx
      .update(benefit)
      .set({
        pausedAt: isPause ? sql`clock()` : null,
        pauseReason: isPause ? reason : null,
        heldBy,
        isHeldByPause: above !== null,
        version: row.version + 1,
      })
      .where(eq(benefit.id, benefitId))
      .returning({ id: benefit.id, version: benefit.version, pausedAt: benefit.pausedAt });
    await record(tx, {
      userId: actor.userId,
      unionId: row.unionId,
      action: isPause ? 'benefit.pause' : 'benefit.resume',
      subject: 'benefit',
      subjectId: benefitId,
      reason,
      before: {
        pausedAt: row.pausedAt,
        pauseReason: row.pauseReason,
        ...(heldBy !== row.heldBy && { heldBy: row.heldBy }),
      },
      after: {
        pausedAt: now?.pausedAt ?? null,
        pauseReason: isPause ? reason : null,
        ...(heldBy !== row.heldBy && { heldBy }),
      },
    });
    return now;
  });
  return changed ?? refuse(c);
}
