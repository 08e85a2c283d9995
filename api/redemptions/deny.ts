import { refuse, signedIn } from '../authority.ts';
import type { Ctx } from '../context.ts';
import { insertAlert } from './own-queries.ts';

/** "Not me": the union that pays hears of it, the operator does not. Saying it twice is saying it once. */
export async function deny(c: Ctx, id: string): Promise<{ isNew: boolean }> {
  return (await insertAlert(c.env.sql, signedIn(c), id)) ?? refuse(c);
}
