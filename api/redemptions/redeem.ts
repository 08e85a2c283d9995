import type { Sql } from '../../db/client.ts';
import { eachInOne } from '../batches/each-in-one.ts';
import type { Item, Outcome } from './item.ts';
import { redeemItems } from './queries.ts';

/** Redeems all items in one statement; each has its own outcome or error. */
export function redeem(sql: Sql, items: readonly Item[]): Promise<PromiseSettledResult<Outcome>[]> {
  return eachInOne((some) => redeemItems(sql, some), items);
}
