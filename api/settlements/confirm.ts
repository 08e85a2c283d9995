import { eq, sql } from 'drizzle-orm';
import { statement } from '../../db/schema/settlements.ts';
import { refuse, signedIn } from '../authority.ts';
import { record, type Tx } from '../audit/record.ts';
import type { Ctx } from '../context.ts';
import { Problem } from '../errors.ts';
import { lockStatement } from './lock-statement.ts';

export type Confirmation = { id: number; unionId: number; confirmedAt: Date };

/**
 * One union's yes to a pair's statement. Not while a dispute waits, and not by the one person who said it for the other
 * union; a union that has confirmed disputes no more.
 */
export async function confirmStatement(c: Ctx, id: number, unionId: number): Promise<Confirmation> {
  const actor = signedIn(c);
  const confirmation = await c.env.db.transaction(async (tx) => {
    const found = await lockStatement(tx, actor, id);
    const isOne = found?.kind === 'pair' && found.unionId === unionId && found.isMoney;
    const isOther = found?.kind === 'pair' && found.otherId === unionId && found.isOtherMoney;
    if (!found || !(isOne || isOther)) return undefined;
    if ((isOne ? found.confirmedAt : found.otherConfirmedAt) !== null)
      throw new Problem('statement_confirmed');
    if ((isOne ? found.otherConfirmedBy : found.confirmedBy) === actor.userId)
      throw new Problem('statement_own');
    if (await hasUnresolved(tx, id)) throw new Problem('statement_disputed');
    const [done] = await tx
      .update(statement)
      .set(
        isOne
          ? { confirmedAt: sql`clock()`, confirmedBy: actor.userId }
          : { otherConfirmedAt: sql`clock()`, otherConfirmedBy: actor.userId },
      )
      .where(eq(statement.id, id))
      .returning();
    const confirmedAt = isOne ? done?.confirmedAt : done?.otherConfirmedAt;
    if (!confirmedAt) throw new Error('A locked statement is gone.');
    await record(tx, {
      userId: actor.userId,
      unionId,
      action: 'statement.confirm',
      subject: 'statement',
      subjectId: id,
      reason: null,
      before: null,
      after: { month: found.month, unionId },
    });
    return { id, unionId, confirmedAt };
  });
  return confirmation ?? refuse(c);
}

async function hasUnresolved(tx: Tx, id: number): Promise<boolean> {
  const found = await tx.execute(sql`
    select from dispute where statement_id = ${id} and state in ('open', 'declined') limit 1`);
  return found.length > 0;
}
