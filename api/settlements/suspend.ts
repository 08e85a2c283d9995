import { and, eq, isNull, sql } from 'drizzle-orm';
import { suspension } from '../../db/schema/settlements.ts';
import { refuse, signedIn } from '../authority.ts';
import { record } from '../audit/record.ts';
import type { Ctx } from '../context.ts';
import { Problem } from '../errors.ts';
import { findLine } from './dispute.ts';
import { lockStatement } from './lock-statement.ts';

export type Suspension = { redemptionId: string; amountFen: number; isSuspended: boolean };

/** Holds back what a redemption comes to in a partner's statement, until the invoice fixes what is payable. */
export async function suspendLine(
  c: Ctx,
  id: number,
  redemptionId: string,
  reason: string,
): Promise<Suspension> {
  const actor = signedIn(c);
  const done = await c.env.db.transaction(async (tx) => {
    const found = await lockStatement(tx, actor, id);
    if (found?.kind !== 'partner' || !found.isMoney) return undefined;
    if (found.invoicedAt !== null) throw new Problem('statement_invoiced');
    const line = await findLine(tx, id, redemptionId);
    if (!line || line.amountFen <= 0) throw new Problem('line_unknown');
    const [made] = await tx
      .insert(suspension)
      .values({
        statementId: id,
        cell: line.cell,
        redemptionId,
        amountFen: line.amountFen,
        reason,
        suspendedBy: actor.userId,
        suspendedAt: sql`clock()`,
      })
      .onConflictDoNothing()
      .returning();
    if (!made) throw new Problem('line_suspended');
    await record(tx, {
      userId: actor.userId,
      unionId: found.unionId,
      action: 'line.suspend',
      subject: 'statement',
      subjectId: id,
      reason,
      before: null,
      after: { redemption: redemptionId, amountFen: line.amountFen },
    });
    return { redemptionId, amountFen: line.amountFen, isSuspended: true };
  });
  return done ?? refuse(c);
}

/** Pays it after all: with this statement, or with the next invoice where this one has its invoice. */
export async function releaseLine(
  c: Ctx,
  id: number,
  redemptionId: string,
  reason: string,
): Promise<Suspension> {
  const actor = signedIn(c);
  const done = await c.env.db.transaction(async (tx) => {
    const found = await lockStatement(tx, actor, id);
    if (found?.kind !== 'partner' || !found.isMoney) return undefined;
    const [released] = await tx
      .update(suspension)
      .set({
        releasedAt: sql`clock()`,
        releasedBy: actor.userId,
        releaseReason: reason,
        ...(found.invoicedAt === null && { carriedTo: id }),
      })
      .where(
        and(
          eq(suspension.statementId, id),
          eq(suspension.redemptionId, redemptionId),
          isNull(suspension.releasedAt),
        ),
      )
      .returning();
    if (!released) throw new Problem('line_unknown');
    await record(tx, {
      userId: actor.userId,
      unionId: found.unionId,
      action: 'line.release',
      subject: 'statement',
      subjectId: id,
      reason,
      before: { redemption: redemptionId, amountFen: released.amountFen },
      after: null,
    });
    return { redemptionId, amountFen: released.amountFen, isSuspended: false };
  });
  return done ?? refuse(c);
}
