import { refuse, signedIn } from '../authority.ts';
import type { Ctx } from '../context.ts';
import { Problem } from '../errors.ts';
import { cellOf } from './id.ts';
import { reverseRedemption } from './queries.ts';
import { retried } from '../batches/retried.ts';

export type Undoing = { redemptionId: string; id: string; reason: string };

/** Undoes one redemption: its outlet within a quarter of an hour, or a union in whose scope it lies. */
export async function reverse(
  c: Ctx,
  { redemptionId, id, reason }: Undoing,
): Promise<{ isNew: boolean; at: string }> {
  const { userId: user, sessionAt, secondFactorAt } = signedIn(c);
  const cell = cellOf(redemptionId);
  if (cellOf(id) !== cell) throw new Problem('id_not_of_card');
  const by = { user, sessionAt, secondFactorAt };
  const reversal = { id, redemptionId, cell, reason, ...by };
  const answer = await retried(() => reverseRedemption(c.env.sql, reversal));
  switch (answer.outcome) {
    case 'reversed':
    case 'replayed':
      return { isNew: answer.outcome === 'reversed', at: answer.at };
    case 'already_reversed':
      throw new Problem('already_reversed', { at: answer.at });
    case 'too_late':
      throw new Problem('reversal_too_late');
    case 'exists_with_different_content':
    case 'period_closed':
    case 'session_revoked':
      throw new Problem(answer.outcome);
    case 'not_found':
      return refuse(c);
  }
}
