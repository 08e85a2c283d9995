import { eq, sql } from 'drizzle-orm';
import { refuse, signedIn } from '../authority.ts';
import { record } from '../audit/record.ts';
import type { Ctx } from '../context.ts';
import { Problem } from '../errors.ts';
import { proposal } from '../../db/schema/proposals.ts';
import { type Decided, lockProposal } from './confirm.ts';

/** The second person's no. Who proposed it withdraws it instead. */
export const declineProposal = (c: Ctx, id: number, reason: string) =>
  closeProposal(c, id, 'declined', reason);

/** Taken back by who proposed it, while he is in office there. */
export const withdrawProposal = (c: Ctx, id: number, reason: string) =>
  closeProposal(c, id, 'withdrawn', reason);

async function closeProposal(
  c: Ctx,
  id: number,
  state: 'declined' | 'withdrawn',
  reason: string,
): Promise<Decided> {
  const actor = signedIn(c);
  const closed = await c.env.db.transaction(async (tx) => {
    const found = await lockProposal(tx, actor, id);
    if (!found) return undefined;
    const isOwn = found.proposedBy === actor.userId;
    if (isOwn && state === 'declined') throw new Problem('proposal_own');
    if (!isOwn && state === 'withdrawn') return undefined;
    if (found.state !== 'open') throw new Problem('proposal_closed');
    const [decided] = await tx
      .update(proposal)
      .set({
        state,
        decidedBy: actor.userId,
        decidedAt: sql`clock()`,
        decisionReason: reason,
      })
      .where(eq(proposal.id, id))
      .returning({ id: proposal.id, state: proposal.state, decidedAt: proposal.decidedAt });
    if (!decided) throw new Error('A locked proposal is gone.');
    await record(tx, {
      userId: actor.userId,
      unionId: found.unionId,
      action: state === 'declined' ? 'proposal.decline' : 'proposal.withdraw',
      subject: 'proposal',
      subjectId: id,
      reason,
      before: null,
      after: { state },
    });
    return decided;
  });
  return closed ?? refuse(c);
}
