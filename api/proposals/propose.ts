import { eq, sql } from 'drizzle-orm';
import { record, type Tx } from '../audit/record.ts';
import type { Actor } from '../caller.ts';
import { proposal } from '../../db/schema/proposals.ts';
import { tradeUnion } from '../../db/schema/unions.ts';

export type ProposalAction = (typeof proposal.$inferSelect)['action'];

export type Draft = {
  /** Whose money it is: whose threshold counts, and who may confirm. */
  unionId: number;
  /** It has to agree, however little it is. */
  isAsked?: boolean;
  action: ProposalAction;
  subject: string;
  subjectId: number | string;
  /** What the subject is like now: a version, or a digest of what is to be replaced. */
  subjectVersion: number | string;
  /** All that the action's applier needs, once it is confirmed. */
  payload: Record<string, unknown>;
  amountFen: number;
  reason: string;
};

export type Proposed = { id: number; expiresAt: Date };

/** Who stands behind a change: `confirmedBy` null where one person was enough. */
export type By = { proposedBy: string; confirmedBy: string | null };

/**
 * Keeps what takes two persons for the second one, in the verb's own transaction and after it judged that the caller may
 * do it; the verb then answers 202 and changes nothing. Null: the amount is not above the union's threshold, nor has it to
 * agree, and the verb goes on by itself.
 */
export async function propose(tx: Tx, actor: Actor, draft: Draft): Promise<Proposed | null> {
  const { unionId, isAsked = false, action, subject, payload, amountFen, reason } = draft;
  const [union] = await tx
    .select({ twoPersonFen: tradeUnion.twoPersonFen })
    .from(tradeUnion)
    .where(eq(tradeUnion.id, unionId));
  if (!union) throw new Error('A proposal names no union.');
  if (amountFen <= union.twoPersonFen && !isAsked) return null;
  const subjectId = String(draft.subjectId);
  const [made] = await tx
    .insert(proposal)
    .values({
      unionId,
      action,
      subject,
      subjectId,
      subjectVersion: String(draft.subjectVersion),
      payload,
      amountFen,
      reason,
      proposedBy: actor.userId,
      proposedAt: sql`clock()`,
      expiresAt: sql`clock() + interval '7 days'`,
    })
    .returning({ id: proposal.id, expiresAt: proposal.expiresAt });
  if (!made) throw new Error('The insert returned no row.');
  await record(tx, {
    userId: actor.userId,
    unionId,
    action: 'proposal.make',
    subject: 'proposal',
    subjectId: made.id,
    reason,
    before: null,
    after: { action, subject, subjectId, amountFen },
  });
  return made;
}
