import { eq, sql } from 'drizzle-orm';
import * as z from 'zod';
import { statement } from '../../db/schema/settlements.ts';
import { refuse, signedIn } from '../authority.ts';
import { record, type Tx } from '../audit/record.ts';
import type { Ctx } from '../context.ts';
import { breaks } from '../database-errors.ts';
import { Problem } from '../errors.ts';
import type { Applier } from '../proposals/applier.ts';
import { type By, propose, type Proposed } from '../proposals/propose.ts';
import { lockStatement } from './lock-statement.ts';

export type Invoiced = { id: number; invoiceNumber: string; payableFen: number };
export type Paid = { id: number; bankReference: string; paidOn: string };

/**
 * Takes a partner's invoice, and with it fixes what is payable: the statement without what is suspended now, with what
 * other statements of this partner released after their own invoice (`carried_by`). One invoice is one statement's.
 */
export async function takeInvoice(c: Ctx, id: number, number: string): Promise<Invoiced> {
  const actor = signedIn(c);
  const taking = c.env.db.transaction(async (tx) => {
    const found = await lockStatement(tx, actor, id);
    if (found?.kind !== 'partner' || !found.isMoney) return undefined;
    if (found.invoicedAt !== null) throw new Problem('statement_invoiced');
    // Two statements of one partner must not both carry the same lines.
    await tx.execute(sql`
      select from suspension x join statement s on s.id = x.statement_id
      where s.union_id = ${found.unionId} and s.partner_id = ${found.partnerId}
      order by x.id for update of x`);
    const [sum] = await tx.execute<{ payableFen: number }>(sql`
      with carried as (
        update suspension x set carried_to = ${id}
        from carried_by(${id}) c where x.id = c.suspension_id
        returning x.amount_fen)
      select (s.debit_fen
        - (select coalesce(sum(x.amount_fen), 0) from suspension x
            where x.statement_id = s.id and x.released_at is null)
        + (select coalesce(sum(amount_fen), 0) from carried))::bigint as "payableFen"
      from statement s where s.id = ${id}`);
    const payableFen = sum?.payableFen ?? 0;
    await tx
      .update(statement)
      .set({ invoiceNumber: number, invoicedAt: sql`clock()`, payableFen })
      .where(eq(statement.id, id));
    await record(tx, {
      userId: actor.userId,
      unionId: found.unionId,
      action: 'statement.invoice',
      subject: 'statement',
      subjectId: id,
      reason: null,
      before: null,
      after: { invoiceNumber: number, payableFen },
    });
    return { id, invoiceNumber: number, payableFen };
  });
  const done = await taking.catch((error: unknown) => {
    throw breaks(error, 'statement_invoice') ? new Problem('invoice_used') : error;
  });
  return done ?? refuse(c);
}

const payment = z.strictObject({ bankReference: z.string(), paidOn: z.iso.date() });

/**
 * The bank did it: only after the invoice, on a day after the month that is paid, and on none that is still to come.
 * Above the union's threshold a second person has to confirm it.
 */
export async function payStatement(
  c: Ctx,
  id: number,
  paid: z.output<typeof payment>,
): Promise<Paid | { proposal: Proposed }> {
  const actor = signedIn(c);
  const done = await c.env.db.transaction(async (tx) => {
    const found = await lockStatement(tx, actor, id);
    if (found?.kind !== 'partner' || !found.isMoney) return undefined;
    if (found.paidAt !== null) throw new Problem('statement_paid');
    if (found.payableFen === null) throw new Problem('invoice_missing');
    const [day] = await tx.execute<{ isPast: boolean }>(sql`
      select ${paid.paidOn}::date between (${found.month}::date + interval '1 month')::date
        and (clock() at time zone 'Asia/Shanghai')::date as "isPast"`);
    if (day?.isPast !== true) throw new Problem('paid_on_impossible');
    const proposal = await propose(tx, actor, {
      unionId: found.unionId,
      action: 'statement.pay',
      subject: 'statement',
      subjectId: id,
      subjectVersion: found.payableFen,
      payload: paid,
      amountFen: found.payableFen,
      reason: '',
    });
    if (proposal !== null) return { proposal };
    const by = { proposedBy: actor.userId, confirmedBy: null };
    await pay(tx, by, { id, unionId: found.unionId }, paid);
    return { id, ...paid };
  });
  return done ?? refuse(c);
}

/** The second person's yes to it. */
export const applyPayment: Applier = async (tx, by, { subjectId, unionId, payload }) => {
  const id = Number(subjectId);
  const [found] = await tx
    .select({ paidAt: statement.paidAt })
    .from(statement)
    .where(eq(statement.id, id))
    .for('no key update');
  if (found?.paidAt !== null) throw new Problem('proposal_stale');
  await pay(tx, by, { id, unionId }, payment.parse(payload));
};

async function pay(
  tx: Tx,
  by: By,
  { id, unionId }: { id: number; unionId: number },
  { bankReference, paidOn }: z.output<typeof payment>,
): Promise<void> {
  await tx
    .update(statement)
    .set({ bankReference, paidOn, paidAt: sql`clock()` })
    .where(eq(statement.id, id));
  await record(tx, {
    userId: by.proposedBy,
    confirmedBy: by.confirmedBy,
    unionId,
    action: 'statement.pay',
    subject: 'statement',
    subjectId: id,
    reason: null,
    before: null,
    after: { bankReference, paidOn },
  });
}
