import type { Sql } from '../../db/client.ts';
import type { ClaimState } from '../../db/schema/claims.ts';
import type { ClaimReason, Reason } from '../../db/schema/reasons.ts';
import { refuse, signedIn } from '../authority.ts';
import { retried } from '../batches/retried.ts';
import type { Ctx } from '../context.ts';
import { Problem } from '../errors.ts';
import { cellOf, cellOfCard } from '../redemptions/id.ts';
import { readTicket } from '../scans/ticket.ts';
import { keepUp } from './queries.ts';

export type WalkIn = { id: string; ticket: string; quantity: number };

export type LetIn = { id: string; state: ClaimState; maskedName: string; quantity: number };

type Said = {
  outcome: 'made' | 'replayed' | 'upkeep_due' | 'not_found' | Reason | ClaimReason;
  state?: ClaimState;
  maskedName?: string;
  benefit?: number;
  detail?: Record<string, unknown> | null;
};

const triesMax = 3;

/** Lets in whom no claim brings, by the ticket of his scan; at a partner's outlet the redemption follows by the same one. */
export async function letIn(
  c: Ctx,
  session: number,
  { id, ticket, quantity }: WalkIn,
): Promise<{ isNew: boolean; letIn: LetIn }> {
  const actor = signedIn(c);
  const { tickets } = await c.env.keys.derived();
  const scan = readTicket(tickets, c.env.config.origin, actor.userId, ticket);
  if (cellOf(id) !== cellOfCard(scan.pass.card)) throw new Problem('id_not_of_card');
  const { card, kid, exp } = scan.pass;
  const { scannedAt, validUntil } = scan;
  const { userId: user, sessionAt, secondFactorAt } = actor;
  const said = await admit(c.env.sql, {
    ...{ id, session, quantity, card, kid, exp, scannedAt, validUntil },
    ...{ user, sessionAt, secondFactorAt },
  });
  if (said.outcome === 'not_found') return refuse(c);
  if (said.outcome === 'upkeep_due') throw new Problem('busy', {}, { 'Retry-After': '1' });
  if (said.outcome !== 'made' && said.outcome !== 'replayed')
    throw new Problem(said.outcome, said.detail ?? {});
  const { outcome, state = 'confirmed', maskedName = '' } = said;
  return { isNew: outcome === 'made', letIn: { id, state, maskedName, quantity } };
}

/** What is held for too long is seen to first, and asked again. */
async function admit(
  sql: Sql,
  asked: Record<string, string | number | null>,
  tries = 1,
): Promise<Said> {
  const said = await retried(async () => {
    const [row] = await sql<{ said: Said }[]>`select admit_walk_in(${sql.json(asked)}) as said`;
    if (!row) throw new Error('admit_walk_in() gave no row.');
    return row.said;
  });
  if (said.outcome !== 'upkeep_due' || said.benefit === undefined || tries === triesMax)
    return said;
  await keepUp(sql, [said.benefit]);
  return admit(sql, asked, tries + 1);
}
