import { eq, sql } from 'drizzle-orm';
import * as z from 'zod';
import { refuse, signedIn } from '../authority.ts';
import { record } from '../audit/record.ts';
import type { Ctx } from '../context.ts';
import { Problem } from '../errors.ts';
import { delegation } from '../../db/schema/roles.ts';
import { holding } from '../unions/office.ts';
import { instant, integer, text } from '../validate.ts';
import { requireFuture } from './change.ts';

export const newDelegation = z.strictObject({
  /** The office of the colleague who is to stand in. */
  to: integer(1),
  endsAt: instant,
  reason: text(200),
});

export type Delegated = { id: number; endsAt: Date };

const longestDays = 92;

/**
 * Lends the caller's own office to a colleague of the same union or one below it until a day that is set. Only an office
 * of one's own can be lent, so nothing is passed on twice and nobody gives more than he has.
 */
export async function delegateOffice(
  c: Ctx,
  officerId: number,
  { to, endsAt, reason }: z.infer<typeof newDelegation>,
): Promise<Delegated> {
  const actor = signedIn(c);
  const made = await c.env.db.transaction(async (tx) => {
    const [found] = await tx.execute<{ unionId: number; userId: string }>(sql`
      select f.union_id as "unionId", t.user_id as "userId"
      from officer f
        join officer t on t.id = ${to} and t.user_id <> f.user_id
        join trade_union u on u.id = t.union_id and f.union_id = any(u.path)
      where f.id = ${officerId} and f.user_id = ${actor.userId}
        and exists (select from (${holding(actor, 'read')}) o where o.union_id = f.union_id)
        and exists (select from offices_held(f.user_id) h where h.office_id = f.id)
        and exists (select from offices_held(t.user_id) h where h.office_id = t.id)
      for no key update of f`);
    if (!found) return undefined;
    await requireFuture(tx, new Date(endsAt), longestDays);
    await tx.execute(sql`
      update delegation set ended_at = ends_at, ended_by = 'service'
      where officer_id = ${officerId} and user_id = ${found.userId} and ended_at is null
        and ends_at <= clock()`);
    const [row] = await tx
      .insert(delegation)
      .values({
        officerId,
        userId: found.userId,
        reason,
        startsAt: sql`clock()`,
        endsAt: new Date(endsAt),
      })
      .onConflictDoNothing()
      .returning({ id: delegation.id, endsAt: delegation.endsAt });
    if (!row) throw new Problem('changed_meanwhile');
    await record(tx, {
      userId: actor.userId,
      unionId: found.unionId,
      action: 'office.delegate',
      subject: 'delegation',
      subjectId: row.id,
      reason,
      before: null,
      after: { officer: officerId, deputy: to, endsAt: row.endsAt },
    });
    return row;
  });
  return made ?? refuse(c);
}

export type DelegationEnded = { id: number; endedAt: Date | null };

/** Ends it at once: whoever lent it, whoever has it, or whoever has charge of the union's people. */
export async function endDelegation(c: Ctx, id: number, reason: string): Promise<DelegationEnded> {
  const actor = signedIn(c);
  const ended = await c.env.db.transaction(async (tx) => {
    const [found] = await tx.execute<{ unionId: number; endsAt: Date; isRunning: boolean }>(sql`
      select f.union_id as "unionId", d.ends_at as "endsAt",
        d.ended_at is null and d.ends_at > clock() as "isRunning"
      from delegation d
        join officer f on f.id = d.officer_id
        join trade_union u on u.id = f.union_id
      where d.id = ${id} and (
        exists (select from (${holding(actor, 'people')}) o where o.union_id = any(u.path))
        or ${actor.userId} in (f.user_id, d.user_id)
          and exists (select from (${holding(actor, 'read')}) o where o.union_id = f.union_id))
      for no key update of d`);
    if (!found) return undefined;
    if (!found.isRunning) throw new Problem('changed_meanwhile');
    const [row] = await tx
      .update(delegation)
      .set({ endedAt: sql`clock()`, endedBy: actor.userId })
      .where(eq(delegation.id, id))
      .returning({ id: delegation.id, endedAt: delegation.endedAt });
    if (!row) throw new Error('A locked delegation is gone.');
    await record(tx, {
      userId: actor.userId,
      unionId: found.unionId,
      action: 'delegation.end',
      subject: 'delegation',
      subjectId: id,
      reason,
      before: { endsAt: found.endsAt },
      after: { endsAt: row.endedAt },
    });
    return row;
  });
  return ended ?? refuse(c);
}
