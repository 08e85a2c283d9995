import { eq, type SQL, sql } from 'drizzle-orm';
import { refuse, signedIn } from '../authority.ts';
import type { Tx } from '../audit/record.ts';
import type { Actor } from '../caller.ts';
import type { Ctx } from '../context.ts';
import { Problem } from '../errors.ts';
import { proposal } from '../../db/schema/proposals.ts';
import { holding } from '../unions/office.ts';
import type { StoredProposal } from './applier.ts';
import { appliers } from './appliers.ts';
import { deedsOf } from './deeds.ts';

export type Decided = { id: number; state: StoredProposal['state']; decidedAt: Date | null };

/**
 * The second person's yes: does what was proposed, at once and once. Everything is judged again at this moment, under the
 * proposal's lock: that it is open, that somebody else proposed it who may still do so, by another person's office than
 * the one that confirms, and that its subject is as it was. Where it is not, the proposal is closed as stale.
 */
export async function confirmProposal(c: Ctx, id: number, reason: string | null): Promise<Decided> {
  const actor = signedIn(c);
  try {
    const done = await c.env.db.transaction((tx) => confirm(tx, actor, id, reason));
    return done ?? (await refuse(c));
  } catch (error) {
    if (error instanceof Problem && error.code === 'proposal_stale')
      await c.env.db.execute(sql`
        update proposal set state = 'stale', decided_at = clock(), decided_by = 'service'
        where id = ${id} and state = 'open'`);
    throw error;
  }
}

async function confirm(
  tx: Tx,
  actor: Actor,
  id: number,
  reason: string | null,
): Promise<Decided | undefined> {
  const found = await lockProposal(tx, actor, id);
  if (!found) return undefined;
  if (found.proposedBy === actor.userId) throw new Problem('proposal_own');
  const standing = await standingOf(tx, actor, found);
  if (!standing.isOpen) throw new Problem('proposal_closed');
  if (!standing.hasProposer) throw new Problem('proposal_stale');
  if (!standing.hasTwoOwners) throw new Problem('proposal_own');
  const [decided] = await tx
    .update(proposal)
    .set({
      state: 'confirmed',
      decidedBy: actor.userId,
      decidedAt: sql`clock()`,
      decisionReason: reason,
    })
    .where(eq(proposal.id, id))
    .returning({ id: proposal.id, state: proposal.state, decidedAt: proposal.decidedAt });
  const apply = appliers[found.action];
  if (!decided || !apply) throw new Error(`Nothing applies ${found.action}.`);
  await apply(tx, { proposedBy: found.proposedBy, confirmedBy: actor.userId }, found);
  return decided;
}

/**
 * The proposal, held against whoever else decides it, when the caller may confirm it, or made it himself and is in office
 * still, with the role that it took.
 */
export async function lockProposal(
  tx: Tx,
  actor: Actor,
  id: number,
): Promise<StoredProposal | undefined> {
  const [found] = await tx.select().from(proposal).where(eq(proposal.id, id)).for('no key update');
  if (!found) return undefined;
  const { propose, confirm } = deedsOf[found.action];
  const mine = await tx.execute(
    found.proposedBy === actor.userId
      ? sql`${holding(actor, propose)} limit 1`
      : sql`
        select from trade_union u, (${holding(actor, confirm)}) o
        where u.id = ${found.unionId} and o.union_id = any(u.path) limit 1`,
  );
  return mine.length > 0 ? found : undefined;
}

type Standing = { isOpen: boolean; hasProposer: boolean; hasTwoOwners: boolean };

/**
 * Who proposed must still be able to: over the union whose money it is, or for terms over that or the union that gives
 * the benefit, or for an opening over the union that gives the places. What stands behind both must be the offices of two
 * persons: one who lends his, however many he holds, does not become two.
 */
async function standingOf(tx: Tx, actor: Actor, found: StoredProposal): Promise<Standing> {
  const { propose, confirm } = deedsOf[found.action];
  const held = (user: string, deed: string, union: SQL) => sql`
    select w.user_id as owner from offices_held(${user}) f
      join officer w on w.id = f.office_id
      join trade_union u on u.id in (${union}) and f.union_id = any(u.path)
    where role_may(f.role, ${deed})`;
  const payer = sql`${found.unionId}::int`;
  const proposing =
    propose === 'terms'
      ? sql`${payer}, (select b.union_id from benefit b where b.id = ${found.subjectId}::int)`
      : found.action === 'opening.open'
        ? sql`${found.payload['unionId']}::int`
        : payer;
  const [standing] = await tx.execute<Standing>(sql`
    with proposer as (${held(found.proposedBy, propose, proposing)}),
      confirmer as (${held(actor.userId, confirm, payer)})
    select p.state = 'open' and p.expires_at > clock() as "isOpen",
      exists (select from proposer) as "hasProposer",
      exists (select from proposer a join confirmer b on a.owner <> b.owner) as "hasTwoOwners"
    from proposal p where p.id = ${found.id}`);
  if (!standing) throw new Error('A locked proposal is gone.');
  return standing;
}
