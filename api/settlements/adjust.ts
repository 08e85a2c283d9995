import { and, eq, sql } from 'drizzle-orm';
import * as z from 'zod';
import { dispute } from '../../db/schema/settlements.ts';
import { record, type Tx } from '../audit/record.ts';
import { Problem } from '../errors.ts';
import type { Applier } from '../proposals/applier.ts';
import type { By } from '../proposals/propose.ts';

const order = z.strictObject({
  disputeId: z.int(),
  unionId: z.int(),
  state: z.enum(['accepted', 'upheld']),
  correctedFen: z.int().min(0),
});

export type Order = z.output<typeof order>;

type Disputed = Pick<
  typeof dispute.$inferSelect,
  'id' | 'version' | 'state' | 'statementId' | 'cell' | 'redemptionId'
>;

/**
 * Resolves a dispute by an adjustment in the open month, and takes the redemption's suspensions off: what was held back
 * and what comes back then meet on the partner's next invoice.
 */
export async function adjust(
  tx: Tx,
  by: By,
  found: Disputed,
  { unionId, state, correctedFen }: Order,
  reason: string,
): Promise<void> {
  const said = by.proposedBy;
  const [done] = await tx
    .update(dispute)
    .set({
      state,
      correctedFen,
      version: found.version + 1,
      ...(state === 'upheld'
        ? { ruledBy: said, ruledAt: sql`clock()`, ruling: reason }
        : { answeredBy: said, answeredAt: sql`clock()`, answer: reason }),
    })
    .where(and(eq(dispute.id, found.id), eq(dispute.version, found.version)))
    .returning();
  if (!done) throw new Problem('dispute_closed');
  const [booked] = await tx.execute<{ returnedFen: number }>(sql`
    select adjust_redemption(${found.cell}::smallint, ${found.redemptionId}::uuid, ${correctedFen}::bigint)
      as "returnedFen"`);
  // Whether its statement has an invoice shows once these are held: who takes one locks them first.
  await tx.execute(sql`
    select from suspension x
    where x.cell = ${found.cell} and x.redemption_id = ${found.redemptionId}::uuid
      and x.released_at is null
    order by x.id for update`);
  await tx.execute(sql`
    update suspension x set released_at = clock(), released_by = ${said}, release_reason = ${reason},
      carried_to = case when s.invoiced_at is null then s.id end
    from statement s
    where s.id = x.statement_id and x.cell = ${found.cell}
      and x.redemption_id = ${found.redemptionId}::uuid and x.released_at is null`);
  await record(tx, {
    userId: by.proposedBy,
    confirmedBy: by.confirmedBy,
    unionId,
    action: 'adjustment.make',
    subject: 'statement',
    subjectId: found.statementId,
    reason,
    before: { dispute: found.id, state: found.state },
    after: { dispute: found.id, state, correctedFen, returnedFen: booked?.returnedFen ?? 0 },
  });
}

/** The second person's yes to it. */
export const applyAdjustment: Applier = async (tx, by, { payload, subjectVersion, reason }) => {
  const made = order.parse(payload);
  const [named] = await tx.select().from(dispute).where(eq(dispute.id, made.disputeId));
  if (!named) throw new Problem('proposal_stale');
  await tx.execute(sql`select from statement where id = ${named.statementId} for no key update`);
  const [found] = await tx
    .select()
    .from(dispute)
    .where(eq(dispute.id, made.disputeId))
    .for('no key update');
  if (!found || String(found.version) !== subjectVersion) throw new Problem('proposal_stale');
  await adjust(tx, by, found, made, reason);
};
