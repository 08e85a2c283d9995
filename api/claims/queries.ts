import type { Sql } from '../../db/client.ts';
import type { ClaimState } from '../../db/schema/claims.ts';
import type { ClaimItem, ClaimOutcome } from './item.ts';

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
