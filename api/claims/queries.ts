import type { Sql } from '../../db/client.ts';
import type { Answers, ClaimState } from '../../db/schema/claims.ts';
import type { ClaimReason, Reason } from '../../db/schema/reasons.ts';

/** One item for claim(): what is wanted, by whom and, where that is another, for whom. Instants are ISO 8601. */
export type ClaimItem = {
  id: string;
  benefit: number;
  session: number | null;
  quantity: number;
  /** Where nothing is left, he would rather wait than hear so. */
  waits: boolean;
  answers: Answers;
  member: number | null;
  user: string;
  sessionAt: string;
  secondFactorAt: string | null;
};

/** `replayed`: the id was made before, and this is what it is by now. */
export type ClaimOutcome =
  | {
      outcome: 'made' | 'replayed';
      state: ClaimState;
      at: string;
      madeAt: string;
      answerBy: string | null;
    }
  | { outcome: 'upkeep_due' }
  | { outcome: Reason | ClaimReason; detail: Record<string, unknown> | null };

/** All items in one statement and one commit; the outcomes in the items' order. */
export async function claimItems(sql: Sql, items: readonly ClaimItem[]): Promise<ClaimOutcome[]> {
  const rows = await sql<{ answer: ClaimOutcome }[]>`
    select case
      when outcome = 'upkeep_due' then jsonb_build_object('outcome', outcome)
      when state is null then jsonb_build_object('outcome', outcome, 'detail', detail)
      else jsonb_build_object('outcome', outcome, 'state', state, 'at', iso(at),
        'madeAt', iso(made_at), 'answerBy', iso(answer_by))
    end as answer
    from claim(${sql.json(items)}) order by ord`;
  return rows.map(({ answer }) => answer);
}

/** Opens the waves of these benefits that are due, and ends what was held for too long. */
export async function keepUp(sql: Sql, benefits: readonly number[]): Promise<void> {
  for (const benefit of benefits) {
    await sql`select open_waves(${benefit})`;
    await sql`select expire_claims(${benefit})`;
  }
}

type Said = { outcome: string; state?: ClaimState; isLate?: boolean };

type Saying = {
  id: string;
  user: string;
  sessionAt: string;
  secondFactorAt: string | null;
  session?: number;
};

/** One of the functions by which a member, or who acts for him, changes a claim. */
export async function changeClaim(
  sql: Sql,
  verb: 'confirm_claim' | 'cancel_claim' | 'move_claim',
  saying: Saying,
): Promise<Said> {
  const [row] = await sql<{ said: Said }[]>`select ${sql(verb)}(${sql.json(saying)}) as said`;
  if (!row) throw new Error(`${verb}() gave no row.`);
  return row.said;
}
