import { eq, sql } from 'drizzle-orm';
import { outlet } from '../../db/schema/partners.ts';
import { refuse, signedIn } from '../authority.ts';
import { record } from '../audit/record.ts';
import type { Ctx } from '../context.ts';
import { Problem } from '../errors.ts';
import { holding } from '../unions/office.ts';

export type OutletStood = { id: number; isClosed: boolean };

/**
 * Closes an outlet at the next request, or opens it again: for an officer of the district where it stands, or of the union
 * that contracted its partner. Who closed it opens it, or a union above.
 */
export async function setOutletClosed(
  c: Ctx,
  id: number,
  isClosed: boolean,
  reason: string,
): Promise<OutletStood> {
  const actor = signedIn(c);
  const changed = await c.env.db.transaction(async (tx) => {
    const [row] = await tx.execute<{ isClosed: boolean; unionId: number }>(sql`
      select o.closed_at is not null as "isClosed", u.id as "unionId"
      from outlet o
        join partner p on p.id = o.partner_id
        join trade_union u
          on case when o.closed_by is null then u.id in (o.district_id, p.union_id)
            else u.id = o.closed_by end
      where o.id = ${id}
        and exists (select from (${holding(actor, 'terms')}) f where f.union_id = any(u.path))
      order by u.id <> o.district_id
      limit 1
      for no key update of o`);
    if (!row) return undefined;
    if (row.isClosed === isClosed) throw new Problem('changed_meanwhile');
    await tx
      .update(outlet)
      .set({
        closedAt: isClosed ? sql`clock()` : null,
        closedBy: isClosed ? row.unionId : null,
        closeReason: isClosed ? reason : null,
      })
      .where(eq(outlet.id, id));
    await record(tx, {
      userId: actor.userId,
      unionId: row.unionId,
      action: isClosed ? 'outlet.close' : 'outlet.open',
      subject: 'outlet',
      subjectId: id,
      reason,
      before: { isClosed: row.isClosed },
      after: { isClosed },
    });
    return { id, isClosed };
  });
  return changed ?? refuse(c);
}
