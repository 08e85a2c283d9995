import { refuse, signedIn } from '../authority.ts';
import { retried } from '../batches/retried.ts';
import type { Ctx } from '../context.ts';
import { Problem, type ProblemCode } from '../errors.ts';
import type { ClaimState } from '../../db/schema/claims.ts';
import { changeClaim } from './queries.ts';

export type Changed = { state: ClaimState; isLate: boolean };

/** Says yes to what is held for the member, or was offered to him. */
export const confirm = (c: Ctx, id: string) => change(c, 'confirm_claim', { id });

/** Gives it up; what it held goes to who waits. */
export const cancel = (c: Ctx, id: string) => change(c, 'cancel_claim', { id });

/** Takes it to another session of the same benefit, and never through a moment without one. */
export const move = (c: Ctx, id: string, session: number) =>
  change(c, 'move_claim', { id, session });

const done = ['confirmed', 'cancelled', 'moved', 'replayed'];

async function change(
  c: Ctx,
  verb: Parameters<typeof changeClaim>[1],
  what: { id: string; session?: number },
): Promise<Changed> {
  const { userId: user, sessionAt, secondFactorAt } = signedIn(c);
  const said = await retried(() =>
    changeClaim(c.env.sql, verb, { ...what, user, sessionAt, secondFactorAt }),
  );
  if (said.outcome === 'not_found' || said.state === undefined) return refuse(c);
  if (!done.includes(said.outcome)) throw new Problem(said.outcome as ProblemCode);
  return { state: said.state, isLate: said.isLate ?? false };
}
