import { isTrouble, retried } from './retried.ts';

/**
 * Runs all items in one statement (decision 6). Where that statement raises, each is sent again by itself, so that an
 * item which cannot be judged harms no other; its own error is its outcome.
 */
export async function eachInOne<Item, Outcome>(
  run: (items: readonly Item[]) => Promise<Outcome[]>,
  items: readonly Item[],
): Promise<PromiseSettledResult<Outcome>[]> {
  try {
    const outcomes = await retried(() => run(items));
    return outcomes.map((value) => ({ status: 'fulfilled', value }));
  } catch (reason) {
    if (items.length === 1 || isTrouble(reason))
      return items.map(() => ({ status: 'rejected', reason }));
    const alone = await Promise.all(items.map((item) => eachInOne(run, [item])));
    return alone.flat();
  }
}
