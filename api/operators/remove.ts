import { eq, sql } from 'drizzle-orm';
import { operator } from '../../db/schema/partners.ts';
import { refuse, signedIn } from '../authority.ts';
import { record } from '../audit/record.ts';
import type { Ctx } from '../context.ts';
import { managed } from './managed.ts';

/** Takes an operator off the caller's list and out of his outlets, from the next request on; his redemptions stay. */
export async function removeOperator(c: Ctx, id: number, reason: string): Promise<{ id: number }> {
  const removed = await c.env.db.transaction(async (tx) => {
    const [found] = await tx.execute<{ unionId: number; partnerId: number }>(sql`
      select p.union_id as "unionId", p.id as "partnerId"
      from operator o join partner p on p.id = o.partner_id
      where o.id = ${id} and o.role = 'operator' and o.removed_at is null
        and o.partner_id in (${managed(c)})
      for no key update of o`);
    if (!found) return undefined;
    await tx
      .update(operator)
      .set({ removedAt: sql`clock()`, suspendedAt: sql`coalesce(suspended_at, clock())` })
      .where(eq(operator.id, id));
    await record(tx, {
      userId: signedIn(c).userId,
      unionId: found.unionId,
      action: 'operator.remove',
      subject: 'operator',
      subjectId: id,
      reason,
      before: { partnerId: found.partnerId },
      after: null,
    });
    return { id };
  });
  return removed ?? refuse(c);
}
