import { sql } from 'drizzle-orm';
import type { Tx } from '../audit/record.ts';
import type { Actor } from '../caller.ts';
import { reached } from './reach.ts';

export type LockedStatement = {
  id: number;
  month: string;
  kind: 'partner' | 'pair';
  unionId: number;
  otherId: number | null;
  partnerId: number | null;
  debitFen: number;
  confirmedAt: Date | null;
  confirmedBy: string | null;
  otherConfirmedAt: Date | null;
  otherConfirmedBy: string | null;
  invoicedAt: Date | null;
  paidAt: Date | null;
  payableFen: number | null;
  isPartner: boolean;
  isMoney: boolean;
  isOtherMoney: boolean;
};

/**
 * The statement, when it concerns the caller, held against everybody else who does something with it: whatever people do
 * with a statement locks it first, then its dispute, then members. Read anew under the lock.
 */
export async function lockStatement(
  tx: Tx,
  actor: Actor,
  id: number,
): Promise<LockedStatement | undefined> {
  await tx.execute(sql`select from statement where id = ${id} for no key update`);
  const [found] = await tx.execute<LockedStatement>(sql`
    with ${reached(actor)}
    select s.id, s.month::text as month, s.kind, s.union_id as "unionId", s.other_id as "otherId",
      s.partner_id as "partnerId", s.debit_fen as "debitFen",
      s.confirmed_at as "confirmedAt", s.confirmed_by as "confirmedBy",
      s.other_confirmed_at as "otherConfirmedAt", s.other_confirmed_by as "otherConfirmedBy",
      s.invoiced_at as "invoicedAt", s.paid_at as "paidAt", s.payable_fen as "payableFen", coalesce(s.is_partner, false) as "isPartner",
      s.is_money as "isMoney", s.is_other_money as "isOtherMoney"
    from reached s where s.id = ${id}`);
  return found;
}
