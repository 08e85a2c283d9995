import { refuse, signedIn } from '../authority.ts';
import type { Ctx } from '../context.ts';
import { Problem } from '../errors.ts';
import { retried } from '../redemptions/retried.ts';
import { decideItem } from './queries.ts';

export type Decision = { decision: 'pay' | 'reject'; reason: string };
export type ItemKey = { device: number; seq: number; hash: string };

/** Says for good whether a doubtful offline use is paid; for administrators over the union that owns it. */
export async function decide(
  c: Ctx,
  key: ItemKey,
  { decision, reason }: Decision,
): Promise<Decision> {
  const { userId: user, sessionAt, secondFactorAt } = signedIn(c);
  const by = { user, sessionAt, secondFactorAt };
  const outcome = await retried(() => decideItem(c.env.sql, { ...key, decision, reason, ...by }));
  switch (outcome) {
    case 'decided':
    case 'replayed':
      return { decision, reason };
    case 'already_decided':
    case 'session_revoked':
      throw new Problem(outcome);
    case 'not_found':
      return refuse(c);
  }
}
