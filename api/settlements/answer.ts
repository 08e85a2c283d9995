import { and, eq, sql } from 'drizzle-orm';
import { dispute } from '../../db/schema/settlements.ts';
import { refuse, signedIn } from '../authority.ts';
import { record, type Tx } from '../audit/record.ts';
import type { Actor } from '../caller.ts';
import type { Ctx } from '../context.ts';
import { Problem } from '../errors.ts';
import { propose, type Proposed } from '../proposals/propose.ts';
import { holding } from '../unions/office.ts';
import { adjust } from './adjust.ts';
import { findLine } from './dispute.ts';
import { lockStatement, type LockedStatement } from './lock-statement.ts';

export const decisions = ['accept', 'decline', 'withdraw', 'uphold', 'dismiss'] as const;
export type Decision = (typeof decisions)[number];

export type Answer = { decision: Decision; reason: string; correctedFen?: number };
export type Answered = { id: number; state: StoredDispute['state'] };

export type StoredDispute = typeof dispute.$inferSelect;

/**
 * Answers a dispute: the other side accepts or declines, who raised it withdraws, and what was declined the city upholds
 * or dismisses, unless it was the city that declined its own partner. Accepted or upheld it is adjusted at once, to what was claimed unless told otherwise; above
 * the threshold of whoever says so, after a second person's yes, and until then nothing has happened.
 */
export async function answerDispute(
  c: Ctx,
  id: number,
  answer: Answer,
): Promise<{ dispute: Answered } | { proposal: Proposed }> {
  const actor = signedIn(c);
  const done = await c.env.db.transaction(async (tx) => {
    const [named] = await tx.select().from(dispute).where(eq(dispute.id, id));
    const about = named && (await lockStatement(tx, actor, named.statementId));
    const [found] = await tx.select().from(dispute).where(eq(dispute.id, id)).for('no key update');
    if (!about || !found) return undefined;
    const unionId = await whoMay(tx, actor, about, found, answer.decision);
    if (unionId === undefined) return undefined;
    requireState(found, answer.decision);
    requireAnother(found, answer.decision, actor);
    if (answer.decision === 'accept' || answer.decision === 'uphold')
      return settle(tx, actor, unionId, found, answer);
    return { dispute: await close(tx, actor, unionId, found, answer) };
  });
  return done ?? refuse(c);
}

/** The union in whose name the caller may decide this, if any. */
async function whoMay(
  tx: Tx,
  actor: Actor,
  about: LockedStatement,
  found: StoredDispute,
  decision: Decision,
): Promise<number | undefined> {
  const isOfOne = found.unionId === about.unionId;
  if (decision === 'withdraw') {
    const isMine =
      found.unionId === null ? about.isPartner : isOfOne ? about.isMoney : about.isOtherMoney;
    return isMine ? (found.unionId ?? about.unionId) : undefined;
  }
  if (decision === 'accept' || decision === 'decline') {
    const isOne = about.kind === 'partner' || !isOfOne;
    const answering = isOne ? about.unionId : about.otherId;
    return answering !== null && (isOne ? about.isMoney : about.isOtherMoney)
      ? answering
      : undefined;
  }
  const [root] = await tx.execute<{ id: number }>(sql`
    select u.id from trade_union u
      join trade_union one on one.id = ${about.unionId} and u.id = one.path[1]
        and (one.level > 1 or ${about.kind} = 'pair')
    where exists (select from (${holding(actor, 'money')}) o where o.union_id = u.id)`);
  return root?.id;
}

function requireState(found: StoredDispute, decision: Decision): void {
  const isRuling = decision === 'uphold' || decision === 'dismiss';
  if (found.state !== (isRuling ? 'declined' : 'open')) throw new Problem('dispute_closed');
}

/** Nobody judges what he said himself. */
function requireAnother(found: StoredDispute, decision: Decision, actor: Actor): void {
  if (decision === 'withdraw') return;
  const isRuling = decision === 'uphold' || decision === 'dismiss';
  if (found.raisedBy === actor.userId || (isRuling && found.answeredBy === actor.userId))
    throw new Problem('dispute_own');
}

async function settle(
  tx: Tx,
  actor: Actor,
  unionId: number,
  found: StoredDispute,
  { decision, reason, correctedFen = found.claimedFen }: Answer,
): Promise<{ dispute: Answered } | { proposal: Proposed }> {
  const line = await findLine(tx, found.statementId, found.redemptionId);
  if (!line) throw new Problem('line_unknown');
  if (correctedFen > line.originalFen)
    throw new Problem('claim_out_of_range', {
      costsFen: line.costsFen,
      originalFen: line.originalFen,
    });
  const state = decision === 'accept' ? 'accepted' : 'upheld';
  const order = { disputeId: found.id, unionId, state, correctedFen } as const;
  const proposal = await propose(tx, actor, {
    unionId,
    action: 'adjustment.make',
    subject: 'dispute',
    subjectId: found.id,
    subjectVersion: found.version,
    payload: order,
    amountFen: Math.abs(line.costsFen - correctedFen),
    reason,
  });
  if (proposal !== null) return { proposal };
  const by = { proposedBy: actor.userId, confirmedBy: null };
  await adjust(tx, by, found, order, reason);
  return { dispute: { id: found.id, state } };
}

const states = { decline: 'declined', withdraw: 'withdrawn', dismiss: 'dismissed' } as const;

async function close(
  tx: Tx,
  actor: Actor,
  unionId: number,
  found: StoredDispute,
  { decision, reason }: Answer,
): Promise<Answered> {
  const state = states[decision as keyof typeof states];
  const isRuling = state === 'dismissed';
  const [done] = await tx
    .update(dispute)
    .set({
      state,
      version: found.version + 1,
      ...(isRuling
        ? { ruledBy: actor.userId, ruledAt: sql`clock()`, ruling: reason }
        : { answeredBy: actor.userId, answeredAt: sql`clock()`, answer: reason }),
    })
    .where(and(eq(dispute.id, found.id), eq(dispute.version, found.version)))
    .returning({ id: dispute.id, state: dispute.state });
  if (!done) throw new Problem('dispute_closed');
  await record(tx, {
    userId: actor.userId,
    unionId,
    action: `dispute.${decision as keyof typeof states}`,
    subject: 'statement',
    subjectId: found.statementId,
    reason,
    before: { dispute: found.id, state: found.state },
    after: { dispute: found.id, state },
  });
  return done;
}
