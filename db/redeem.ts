import postgres from 'postgres';
import type { Sql } from './client.ts';
import type { Reason } from './schema/reasons.ts';

/** One redemption to make, as `redeem()` in db/functions reads it. Instants are ISO 8601, `exp` is in epoch seconds. */
export type RedeemItem = {
  id: string;
  card: number;
  jti: number;
  kid: number;
  exp: number;
  scannedAt: string;
  scanValidUntil: string;
  benefit: number;
  outlet: number;
  quantity: number;
  user: string;
  sessionAt: string;
};

/** When and where the use that stands in the way was, and when it is possible again; null: never. */
export type RefusalDetail = {
  at?: string;
  again?: string | null;
  outletZh?: string;
  outletEn?: string;
  districtZh?: string;
  districtEn?: string;
};

export type RedeemAnswer =
  | {
      outcome: 'accepted' | 'replayed';
      id: string;
      at: Date;
      quantity: number;
      priceFen: number;
      allocationId: number;
      memberLeft: number;
    }
  | { outcome: Reason; id: string; detail: RefusalDetail | null };

/**
 * Redeems a batch in one statement; the answers are in the batch's order. Where PostgreSQL raises, the items are sent again
 * one by one, so that one that makes it raise harms no other: such an item's answer is its error. Without an answer from
 * PostgreSQL the error is everybody's.
 */
export async function redeem(
  sql: Sql,
  items: readonly RedeemItem[],
): Promise<(RedeemAnswer | Error)[]> {
  try {
    return await redeemOnce(sql, items);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const isAnswer = error instanceof postgres.PostgresError;
    if (!isAnswer || items.length === 1) return items.map(() => error);
  }
  const answers: (RedeemAnswer | Error)[] = [];
  for (const item of items) answers.push(...(await redeem(sql, [item])));
  return answers;
}

function redeemOnce(sql: Sql, items: readonly RedeemItem[]): Promise<RedeemAnswer[]> {
  return sql<RedeemAnswer[]>`
    select outcome, id, at, quantity, price_fen as "priceFen", allocation_id as "allocationId",
      member_left as "memberLeft", detail
    from redeem(${sql.json([...items])})`;
}
