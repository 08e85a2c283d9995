import { refuse, signedIn } from '../authority.ts';
import type { Ctx } from '../context.ts';
import { judge } from '../offline/judge.ts';
import { retried } from '../batches/retried.ts';
import { requireLive } from './posted.ts';
import { giveBack, greet, type Leases, renew } from './queries.ts';

/**
 * Fills the device's leases up to what the policies allow, and gives it more time for them. What it uploaded before is
 * judged first, so that its uses are counted.
 */
export async function renewLeases(c: Ctx, id: number): Promise<Leases> {
  const actor = signedIn(c);
  const heard = await retried(() => greet(c.env.sql, actor, id));
  if (!heard) return refuse(c);
  requireLive(heard.revokedAt);
  await judge(c.env, id, c.get('requestId'));
  const answer = await retried(() => renew(c.env.sql, actor, id));
  if (!answer) return refuse(c);
  const { revokedAt, ...leases } = answer;
  requireLive(revokedAt);
  return leases;
}

/** Gives back at once whatever the device has not used: before it is put away. */
export async function returnLeases(c: Ctx, id: number): Promise<Leases> {
  return (await retried(() => giveBack(c.env.sql, signedIn(c), id))) ?? refuse(c);
}
