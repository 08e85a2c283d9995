import { sql } from 'drizzle-orm';
import { refuse, signedIn } from '../authority.ts';
import { record } from '../audit/record.ts';
import type { Ctx } from '../context.ts';
import { Problem } from '../errors.ts';
import { holding } from '../unions/office.ts';
import { finishCloses } from './finish-close.ts';

export type Closing = { month: string; state: 'closing' };

type Found = { unionId: number; state: string | null; isOver: boolean; isNext: boolean };

/**
 * Begins to close a month that is over, as the city: from here on nothing is booked in it. Waits for the bookings under
 * way, and holds the next ones back for that instant; the statements follow in the background, and a run that dies is
 * taken up by the next one.
 */
export async function beginClose(c: Ctx, month: string): Promise<Closing> {
  const actor = signedIn(c);
  const begun = await c.env.db.transaction(async (tx) => {
    const [found] = await tx.execute<Found>(sql`
      with month as materialized (select * from ledger_months())
      select u.id as "unionId",
        (select m.state from month m where m.month = ${month}::date) as state,
        month_of(clock()) > ${month}::date as "isOver",
        not exists (
          select from month e
          where e.month < ${month}::date and e.state <> 'closed' and e.is_booked) as "isNext"
      from trade_union u
      where u.level = 1 and exists (
        select from (${holding(actor, 'money')}) o where o.union_id = u.id)`);
    if (!found) return undefined;
    if (found.state !== null && found.state !== 'open') throw new Problem('period_begun');
    if (!found.isOver) throw new Problem('period_not_over');
    if (!found.isNext) throw new Problem('period_earlier_open');
    // Before the ledger's first month there is nothing to close.
    if (found.state === null) return undefined;
    await tx.execute(sql`set local lock_timeout = '5s'`);
    const [begun] = await tx.execute<{ isDone: boolean }>(sql`
      select begin_close(${month}::date, ${actor.userId}) as "isDone"`);
    if (begun?.isDone !== true) throw new Problem('period_begun');
    await record(tx, {
      userId: actor.userId,
      unionId: found.unionId,
      action: 'period.begin',
      subject: 'period',
      subjectId: month,
      reason: null,
      before: { state: 'open' },
      after: { state: 'closing' },
    });
    return { month, state: 'closing' } as const;
  });
  if (begun)
    c.env.after(finishCloses(c.env).catch((error: unknown) => c.env.log.error(error, 'close')));
  return begun ?? refuse(c);
}
