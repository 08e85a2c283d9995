import type { Sql } from '../../db/client.ts';
import type { Item, Outcome } from './item.ts';

/** All items in one statement and one commit; the outcomes in the items' order. */
export async function redeemItems(sql: Sql, items: readonly Item[]): Promise<Outcome[]> {
  return sql<Outcome[]>`
    select outcome, at, quantity, price_fen as "priceFen",
      coalesce((detail ->> 'coPaymentFen')::bigint, 0) as "coPaymentFen",
      member_left as "memberLeft", detail
    from redeem(${sql.json(items)}) order by ord`;
}

export type ReversalOutcome =
  | { outcome: 'reversed' | 'replayed' | 'already_reversed'; at: string }
  | {
      outcome:
        | 'not_found'
        | 'too_late'
        | 'period_closed'
        | 'session_revoked'
        | 'exists_with_different_content';
    };

export async function reverseRedemption(
  sql: Sql,
  reversal: {
    id: string;
    redemptionId: string;
    cell: number;
    reason: string;
    user: string;
    sessionAt: string;
    secondFactorAt: string | null;
  },
): Promise<ReversalOutcome> {
  const [row] = await sql<{ answer: ReversalOutcome }[]>`
    select reverse_redemption(${sql.json(reversal)}) as answer`;
  if (!row) throw new Error('reverse_redemption() gave no row.');
  return row.answer;
}
