import { sql } from 'drizzle-orm';
import { dispute } from '../../db/schema/settlements.ts';
import { refuse, signedIn } from '../authority.ts';
import { record, type Tx } from '../audit/record.ts';
import type { Ctx } from '../context.ts';
import { Problem } from '../errors.ts';
import { isOfStatement } from './lines.ts';
import { lockStatement } from './lock-statement.ts';

export type Raised = { id: number; state: 'open' };

/** `unionId` for which union of a pair; null as the partner. `claimedFen`: what the redemption should cost in all. */
export type Claim = {
  unionId: number | null;
  redemptionId: string;
  claimedFen: number;
  reason: string;
};

/**
 * Disputes a redemption that has lines in the statement. A line is disputed once: also by whoever comes second, and by the
 * other union.
 */
export async function raiseDispute(c: Ctx, id: number, claim: Claim): Promise<Raised> {
  const actor = signedIn(c);
  const raised = await c.env.db.transaction(async (tx) => {
    const found = await lockStatement(tx, actor, id);
    if (!found) return undefined;
    const { unionId, redemptionId, claimedFen, reason } = claim;
    if (found.kind === 'partner') {
      if (unionId !== null || !found.isPartner) return undefined;
      if (found.paidAt !== null) throw new Problem('statement_paid');
    } else {
      const isOne = unionId === found.unionId && found.isMoney;
      if (!isOne && !(unionId === found.otherId && found.isOtherMoney)) return undefined;
      if ((isOne ? found.confirmedAt : found.otherConfirmedAt) !== null)
        throw new Problem('statement_confirmed');
    }
    const line = await findLine(tx, id, redemptionId);
    if (!line) throw new Problem('line_unknown');
    if (claimedFen > line.originalFen || claimedFen === line.costsFen)
      throw new Problem('claim_out_of_range', {
        costsFen: line.costsFen,
        originalFen: line.originalFen,
      });
    const [made] = await tx
      .insert(dispute)
      .values({
        statementId: id,
        cell: line.cell,
        redemptionId,
        unionId,
        claimedFen,
        reason,
        raisedBy: actor.userId,
        raisedAt: sql`clock()`,
      })
      .onConflictDoNothing()
      .returning();
    if (!made) throw new Problem('line_disputed');
    await record(tx, {
      userId: actor.userId,
      unionId: unionId ?? found.unionId,
      action: 'dispute.raise',
      subject: 'statement',
      subjectId: id,
      reason,
      before: null,
      after: { dispute: made.id, redemption: redemptionId, claimedFen },
    });
    return { id: made.id, state: 'open' } as const;
  });
  return raised ?? refuse(c);
}

export type Line = { cell: number; amountFen: number; costsFen: number; originalFen: number };

/** A redemption in statement `id`: what its lines there come to, what it costs in all now, and what it cost at first. */
export async function findLine(
  tx: Tx,
  id: number,
  redemptionId: string,
): Promise<Line | undefined> {
  const [found] = await tx.execute<Line>(sql`
    select l.cell,
      sum(case when l.is_charge then l.amount_fen else -l.amount_fen end)::bigint as "amountFen",
      (select coalesce(sum(x.net_fen), 0)::bigint from redemption_shares(l.cell, l.redemption_id) x)
        as "costsFen",
      (select coalesce(sum(x.weight), 0)::bigint from redemption_shares(l.cell, l.redemption_id) x)
        as "originalFen"
    from statement s
      cross join lateral payable_legs(
        day_begin(s.month), day_begin((s.month + interval '1 month')::date)) l
    where s.id = ${id} and l.redemption_id = ${redemptionId}::uuid
      and l.cell = cell_of(${redemptionId}::uuid) and ${isOfStatement}
    group by l.cell, l.redemption_id`);
  return found;
}
