import { refuse, signedIn } from '../authority.ts';
import type { Ctx } from '../context.ts';
import { readToday, type Today } from './today-queries.ts';

/** What this outlet redeemed since midnight or can still undo, for those who may scan there. */
export async function listToday(c: Ctx, outlet: number): Promise<Today> {
  return (await readToday(c.env.sql, signedIn(c), outlet)) ?? refuse(c);
}
