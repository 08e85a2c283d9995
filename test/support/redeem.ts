import type { Sql } from '../../db/client.ts';
import type { Reason } from '../../db/schema/reasons.ts';
import type { Item, OfflineItem } from './city.ts';

export type Sent = Item | (OfflineItem & { cardLeft?: number; held?: string; variance?: string });

export type Answer = {
  outcome: 'accepted' | 'replayed' | Reason;
  id: string;
  at: Date | null;
  quantity: number | null;
  priceFen: number | null;
  coPaymentFen: number | null;
  memberLeft: number | null;
  detail: { at?: string; again?: string | null } | null;
};

/** The bare statement, once: no second try may hide what a test looks for. */
export async function redeem(sql: Sql, items: Sent[]): Promise<Answer[]> {
  return sql<Answer[]>`
    select outcome, id, at, quantity, price_fen as "priceFen",
      (detail ->> 'coPaymentFen')::bigint as "coPaymentFen", member_left as "memberLeft", detail
    from redeem(${sql.json(items)})`;
}

export async function redeemOne(sql: Sql, item: Sent): Promise<Answer> {
  const [answer] = await redeem(sql, [item]);
  if (!answer) throw new Error('redeem() gave no answer.');
  return answer;
}

/** The outcomes of one batch; what PostgreSQL says where it raises. */
export async function outcomesOf(sql: Sql, items: Sent[]): Promise<string[]> {
  try {
    return (await redeem(sql, items)).map(({ outcome }) => outcome);
  } catch (error) {
    return items.map(() => (error instanceof Error ? error.message : String(error)));
  }
}
