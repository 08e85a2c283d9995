import { signedIn } from '../authority.ts';
import type { Ctx, Services } from '../context.ts';
import { Problem } from '../errors.ts';
import type { Answers, ClaimState } from '../../db/schema/claims.ts';
import { claimEach } from './claim-each.ts';
import type { ClaimItem, ClaimOutcome } from './item.ts';

export type Wanted = {
  id: string;
  benefit: number;
  session: number | null;
  quantity: number;
  waits: boolean;
  answers: Answers;
  member: number | null;
};

export type Claimed = {
  id: string;
  state: ClaimState;
  /** ISO 8601. */
  at: string;
  madeAt: string;
  answerBy: string | null;
};

/** One claim under the caller's id, for himself or for whom he acts. Nothing but claim() itself asks the database. */
export async function put(c: Ctx, wanted: Wanted): Promise<{ isNew: boolean; claimed: Claimed }> {
  const { userId, sessionAt, secondFactorAt } = signedIn(c);
  const answer = await send(c.env, { ...wanted, user: userId, sessionAt, secondFactorAt });
  if ('detail' in answer) throw new Problem(answer.outcome, answer.detail ?? {});
  if (!('state' in answer)) throw new Problem('busy', {}, { 'Retry-After': '1' });
  const { state, at, madeAt, answerBy } = answer;
  return {
    isNew: answer.outcome === 'made',
    claimed: { id: wanted.id, state, at, madeAt, answerBy },
  };
}

async function send(services: Services, item: ClaimItem): Promise<ClaimOutcome> {
  if (services.claims) return services.claims.add(item);
  const [answer] = await claimEach(services.sql, [item]);
  if (answer?.status !== 'fulfilled') throw answer?.reason;
  return answer.value;
}
