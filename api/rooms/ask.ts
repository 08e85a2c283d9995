import { signedIn } from '../authority.ts';
import { retried } from '../batches/retried.ts';
import type { Ctx } from '../context.ts';
import { type ClaimReason, Problem, type Reason } from '../errors.ts';
import type { ClaimState } from '../../db/schema/claims.ts';

export type Asked = {
  id: string;
  benefit: number;
  /** ISO 8601. */
  startsAt: string;
  endsAt: string;
  people: number;
  purpose: string;
  member: number | null;
};

type Said =
  | { outcome: 'made' | 'replayed'; state: ClaimState }
  | { outcome: Reason | ClaimReason; detail?: Record<string, unknown> | null };

/** Asks for a room under the caller's id, for himself or for whom he acts; it is his alone while the owner thinks about it. */
export async function askForRoom(
  c: Ctx,
  { startsAt, endsAt, ...asked }: Asked,
): Promise<{ isNew: boolean; claimed: { id: string; state: ClaimState } }> {
  const { userId: user, sessionAt, secondFactorAt } = signedIn(c);
  const { sql } = c.env;
  const item = { ...asked, from: startsAt, to: endsAt, user, sessionAt, secondFactorAt };
  const [row] = await retried(
    () => sql<{ said: Said }[]>`select claim_room(${sql.json(item)}) as said`,
  );
  if (!row) throw new Error('claim_room() gave no row.');
  const { said } = row;
  if (said.outcome !== 'made' && said.outcome !== 'replayed')
    throw new Problem(said.outcome, ('detail' in said && said.detail) || {});
  if (!('state' in said)) throw new Error('claim_room() told no state.');
  return { isNew: said.outcome === 'made', claimed: { id: asked.id, state: said.state } };
}
