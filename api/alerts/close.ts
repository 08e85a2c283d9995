import { eq, sql } from 'drizzle-orm';
import { refuse, signedIn } from '../authority.ts';
import { record } from '../audit/record.ts';
import type { Ctx } from '../context.ts';
import { Problem } from '../errors.ts';
import { alert } from '../../db/schema/audit.ts';
import { administered } from '../unions/office.ts';

export type ClosedAlert = { id: number; closedAt: Date | null; closeReason: string | null };

/** Says that an alert was looked into; once, and for good. */
export async function closeAlert(c: Ctx, id: number, reason: string): Promise<ClosedAlert> {
  const actor = signedIn(c);
  const closed = await c.env.db.transaction(async (tx) => {
    const [found] = await tx.execute<{ unionId: number; isOpen: boolean }>(sql`
      with office as materialized (${administered(actor)})
      select a.union_id as "unionId", a.closed_at is null as "isOpen"
      from alert a join trade_union u on u.id = a.union_id
      where a.id = ${id} and exists (select from office o where o.union_id = any(u.path))
      for no key update of a`);
    if (!found) return undefined;
    if (!found.isOpen) throw new Problem('changed_meanwhile');
    const [now] = await tx
      .update(alert)
      .set({ closedAt: sql`clock()`, closeReason: reason })
      .where(eq(alert.id, id))
      .returning({ id: alert.id, closedAt: alert.closedAt, closeReason: alert.closeReason });
    await record(tx, {
      userId: actor.userId,
      unionId: found.unionId,
      action: 'alert.close',
      subject: 'alert',
      subjectId: id,
      reason,
      before: null,
      after: { closedAt: now?.closedAt ?? null },
    });
    return now;
  });
  return closed ?? refuse(c);
}
