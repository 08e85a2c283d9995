import type { Services } from '../context.ts';
import { type Item, type Outcome, redeemItems } from './queries.ts';
import { isTrouble, retried } from './retried.ts';

/**
 * Redeems all items in one statement (decision 6). Where that statement raises, each is sent again by itself, so that an
 * item which cannot be judged harms no other; its own error is its outcome.
 */
export async function redeem(
  services: Pick<Services, 'sql'>,
  items: readonly Item[],
): Promise<PromiseSettledResult<Outcome>[]> {
  try {
    const outcomes = await retried(() => redeemItems(services.sql, items));
    return outcomes.map((value) => ({ status: 'fulfilled', value }));
  } catch (reason) {
    if (items.length === 1 || isTrouble(reason))
      return items.map(() => ({ status: 'rejected', reason }));
    const alone = await Promise.all(items.map((item) => redeem(services, [item])));
    return alone.flat();
  }
}
