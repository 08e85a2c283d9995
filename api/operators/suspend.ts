import { eq, sql } from 'drizzle-orm';
import { refuse, signedIn } from '../authority.ts';
import { record } from '../audit/record.ts';
import type { Ctx } from '../context.ts';
import { Problem } from '../errors.ts';
import { operator } from '../../db/schema/partners.ts';
import { managed } from './managed.ts';

export type Suspension = { id: number; suspendedAt: Date | null };

type Found = { unionId: number; suspendedAt: Date | null };

/** Takes an operator's access away from his next request on. */
export const suspendOperator = (c: Ctx, id: number, reason: string) =>
  setSuspended(c, id, true, reason);

/** Gives it back. */
export const readmitOperator = (c: Ctx, id: number, reason: string) =>
  setSuspended(c, id, false, reason);

/** For operators of the caller's partners; another manager is not his to suspend, nor is he himself. */
async function setSuspended(
  c: Ctx,
  id: number,
  isSuspension: boolean,
  reason: string,
): Promise<Suspension> {
  const { userId } = signedIn(c);
  const suspension = await c.env.db.transaction(async (tx) => {
    const [found] = await tx.execute<Found>(sql`
      select p.union_id as "unionId", o.suspended_at as "suspendedAt"
      from operator o join partner p on p.id = o.partner_id
      where o.id = ${id} and o.role = 'operator' and o.removed_at is null and o.partner_id in (${managed(c)})
      for no key update of o`);
    if (!found) return undefined;
    if ((found.suspendedAt !== null) === isSuspension) throw new Problem('changed_meanwhile');
    const [now] = await tx
      .update(operator)
      .set({ suspendedAt: isSuspension ? sql`clock()` : null })
      .where(eq(operator.id, id))
      .returning({ id: operator.id, suspendedAt: operator.suspendedAt });
    await record(tx, {
      userId,
      unionId: found.unionId,
      action: isSuspension ? 'operator.suspend' : 'operator.readmit',
      subject: 'operator',
      subjectId: id,
      reason,
      before: { suspendedAt: found.suspendedAt },
      after: { suspendedAt: now?.suspendedAt ?? null },
    });
    return now;
  });
  return suspension ?? refuse(c);
}
