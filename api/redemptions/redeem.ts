import type { Sql } from '../../db/client.ts';
import { type Item, type Outcome, redeemItems } from './queries.ts';
import { isTrouble, retried } from './retried.ts';

/**
 * Redeems all items in one statement (decision 6). Where that statement raises, each is sent again by itself, so that an
 * item which cannot be judged harms no other; its own error is its outcome.
 */
export async function redeem(
  sql: Sql,
  items: readonly Item[],
): Promise<PromiseSettledResult<Outcome>[]> {
  try {
    const outcomes = await retried(() => redeemItems(sql, items));
    return outcomes.map((value) => ({ status: 'fulfilled', value }));
  } catch (reason) {
    if (items.length === 1 || isTrouble(reason))
      return items.map(() => ({ status: 'rejected', reason }));
    const alone = await Promise.all(items.map((item) => redeem(sql, [item])));
    return alone.flat();
  }
}
