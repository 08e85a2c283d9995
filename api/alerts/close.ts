import { eq, type SQL, sql } from 'drizzle-orm';
import { refuse, signedIn } from '../authority.ts';
import { record } from '../audit/record.ts';
import type { Actor } from '../caller.ts';
import type { Ctx } from '../context.ts';
import { Problem } from '../errors.ts';
import { alert } from '../../db/schema/audit.ts';
import { judge } from '../offline/judge.ts';
import { holding } from '../unions/office.ts';

export type ClosedAlert = { id: number; closedAt: Date | null; closeReason: string | null };

type Found = {
  unionId: number;
  isOpen: boolean;
  kind: (typeof alert.$inferSelect)['kind'];
  deviceId: number | null;
  /** A gap that cannot be declared lost yet: what stands before it waits to be judged. */
  isEarly: boolean;
};

/**
 * Says that an alert was looked into; once, and for good. Closing a gap declares the missing scans lost: those that wait
 * behind it are judged now. While others wait before it, these are judged instead, and the gap stays as it is.
 */
export async function closeAlert(c: Ctx, id: number, reason: string): Promise<ClosedAlert> {
  const actor = signedIn(c);
  const closed = await c.env.db.transaction(async (tx) => {
    // A device comes before its alerts, as on its uploads.
    await tx.execute(
      sql`select from device d where d.id = (select device_id ${mine(actor, id)}) for no key update`,
    );
    const [found] = await tx.execute<Found>(sql`
      select a.union_id as "unionId", a.closed_at is null as "isOpen", a.kind,
        a.device_id as "deviceId",
        a.kind = 'device_gap' and exists (
          select from device d join offline_item i on i.device_id = d.id and i.seq = d.judged_seq + 1
          where d.id = a.device_id and a.seq > i.seq and i.verdict is null) as "isEarly"
        ${mine(actor, id)}
      for no key update of a`);
    if (!found) return undefined;
    if (!found.isOpen) throw new Problem('changed_meanwhile');
    if (found.isEarly) return { now: undefined, deviceId: found.deviceId };
    const [now] = await tx
      .update(alert)
      .set({ closedAt: sql`clock()`, closeReason: reason })
      .where(eq(alert.id, id))
      .returning({ id: alert.id, closedAt: alert.closedAt, closeReason: alert.closeReason });
    if (!now) throw new Error('A locked alert is gone.');
    if (found.kind === 'device_gap') {
      await tx.execute(passOver(id));
      await tx.execute(nameNextGap(id));
    }
    await record(tx, {
      userId: actor.userId,
      unionId: found.unionId,
      action: 'alert.close',
      subject: 'alert',
      subjectId: id,
      reason,
      before: null,
      after: { closedAt: now.closedAt },
    });
    return { now, deviceId: found.kind === 'device_gap' ? found.deviceId : null };
  });
  if (!closed) return refuse(c);
  if (closed.deviceId !== null) await judge(c.env, closed.deviceId, c.get('requestId'));
  if (!closed.now) throw new Problem('changed_meanwhile');
  return closed.now;
}

/** The alert, for who operates its union. */
const mine = (actor: Actor, id: number): SQL => sql`
  from alert a join trade_union u on u.id = a.union_id
  where a.id = ${id} and exists (select from (${holding(actor, 'operate')}) o where o.union_id = any(u.path))`;

/** Moves its device to just before the first scan that is there, if the gap still is. */
const passOver = (id: number): SQL => sql`
  update device d
  set judged_seq = (
    select min(i.seq) - 1 from offline_item i where i.device_id = d.id and i.seq > d.judged_seq)
  from alert a
  where a.id = ${id} and d.id = a.device_id and a.seq = d.judged_seq + 1
    and exists (select from offline_item i where i.device_id = d.id and i.seq > d.judged_seq)`;

/** A phone that is never heard of again would not raise it itself. */
const nameNextGap = (id: number): SQL => sql`
  insert into alert (kind, device_id, seq, union_id, raised_at)
  select 'device_gap', d.id, min(i.seq) + 1, a.union_id, clock()
  from alert a
    join device d on d.id = a.device_id
    join offline_item i on i.device_id = d.id and i.seq > d.judged_seq
  where a.id = ${id}
    and not exists (select from offline_item n where n.device_id = d.id and n.seq = i.seq + 1)
    and exists (select from offline_item n where n.device_id = d.id and n.seq > i.seq)
  group by d.id, a.union_id
  on conflict (device_id, kind, seq) do nothing`;
