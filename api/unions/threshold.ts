import { eq, sql } from 'drizzle-orm';
import * as z from 'zod';
import { refuse, signedIn } from '../authority.ts';
import { record, type Tx } from '../audit/record.ts';
import type { Ctx } from '../context.ts';
import { Problem } from '../errors.ts';
import { type By, propose, type Proposed } from '../proposals/propose.ts';
import { tradeUnion } from '../../db/schema/unions.ts';
import { text } from '../validate.ts';
import { holding } from './office.ts';

export const newThreshold = z.strictObject({
  twoPersonFen: z.int().min(0).max(1e15),
  reason: text(200),
});

export type ThresholdSet = { id: number; twoPersonFen: number };

const payloadForm = z.strictObject({ id: z.int(), from: z.int(), twoPersonFen: z.int() });

type Payload = z.infer<typeof payloadForm> & { reason: string };

/**
 * Above how much a union's money takes two persons. Lowering it counts at once. Raising it is itself above the threshold,
 * so that takes two.
 */
export async function setThreshold(
  c: Ctx,
  id: number,
  { twoPersonFen, reason }: z.infer<typeof newThreshold>,
): Promise<ThresholdSet | { proposal: Proposed }> {
  const actor = signedIn(c);
  const done = await c.env.db.transaction(async (tx) => {
    const [union] = await tx.execute<{ from: number }>(sql`
      select u.two_person_fen as "from" from trade_union u
      where u.id = ${id}
        and exists (select from (${holding(actor, 'people')}) o where o.union_id = any(u.path))
      for no key update of u`);
    if (!union) return undefined;
    const from = Number(union.from);
    if (from === twoPersonFen) return { id, twoPersonFen };
    const payload = { id, from, twoPersonFen };
    const proposal = await propose(tx, actor, {
      unionId: id,
      action: 'threshold.set',
      subject: 'union',
      subjectId: id,
      subjectVersion: from,
      payload,
      amountFen: twoPersonFen,
      reason,
    });
    if (proposal) return { proposal };
    await applyThreshold(
      tx,
      { proposedBy: actor.userId, confirmedBy: null },
      { ...payload, reason },
    );
    return { id, twoPersonFen };
  });
  return done ?? refuse(c);
}

async function applyThreshold(tx: Tx, by: By, payload: Payload): Promise<void> {
  const { id, from, twoPersonFen, reason } = payload;
  const changed = await tx
    .update(tradeUnion)
    .set({ twoPersonFen })
    .where(sql`${eq(tradeUnion.id, id)} and ${eq(tradeUnion.twoPersonFen, from)}`)
    .returning({ id: tradeUnion.id });
  if (changed.length === 0) throw new Problem('proposal_stale');
  await record(tx, {
    userId: by.proposedBy,
    confirmedBy: by.confirmedBy,
    unionId: id,
    action: 'threshold.set',
    subject: 'union',
    subjectId: id,
    reason,
    before: { twoPersonFen: from },
    after: { twoPersonFen },
  });
}

/** The same once a second person has confirmed it. */
export const confirmThreshold = (
  tx: Tx,
  by: By,
  { payload, reason }: { payload: unknown; reason: string },
): Promise<void> => applyThreshold(tx, by, { ...payloadForm.parse(payload), reason });
