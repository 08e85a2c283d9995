import type { Sql } from '../../db/client.ts';
import type { ClaimState } from '../../db/schema/claims.ts';
import type { ClaimReason, Reason } from '../../db/schema/reasons.ts';
import type { City, Member } from './city.ts';

export type ClaimItem = ReturnType<City['claimItem']>;

export type ClaimAnswer = {
  outcome: 'made' | 'replayed' | 'upkeep_due' | ClaimReason | Reason;
  id: string;
  state: ClaimState | null;
  at: Date | null;
  answerBy: Date | null;
  detail: { again?: string | null; canWait?: boolean } | null;
};

/** The bare statement, once: no second try may hide what a test looks for. */
export async function claim(sql: Sql, items: ClaimItem[]): Promise<ClaimAnswer[]> {
  return sql<ClaimAnswer[]>`
    select outcome, id, state, at, answer_by as "answerBy", detail from claim(${sql.json(items)})`;
}

export async function claimOne(sql: Sql, item: ClaimItem): Promise<ClaimAnswer> {
  const [answer] = await claim(sql, [item]);
  if (!answer) throw new Error('claim() gave no answer.');
  return answer;
}

type Said = { outcome: string; state?: ClaimState; isLate?: boolean };

/** What confirm_claim, cancel_claim or move_claim say to the member, or to `by` who acts for him. */
export async function say(
  sql: Sql,
  verb: 'confirm_claim' | 'cancel_claim' | 'move_claim',
  id: string,
  member: Pick<Member, 'userId'>,
  more: Record<string, unknown> = {},
): Promise<Said> {
  const said = { id, user: member.userId, sessionAt: new Date().toISOString(), ...more };
  const [row] = await sql<{ said: Said }[]>`
    select ${sql(verb)}(${sql.json(said as never)}) as said`;
  if (!row) throw new Error(`${verb}() gave no row.`);
  return row.said;
}

export async function stateOf(sql: Sql, id: string): Promise<ClaimState | undefined> {
  const [row] = await sql<{ state: ClaimState }[]>`select state from claim where id = ${id}`;
  return row?.state;
}
