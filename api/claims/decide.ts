import { sql } from 'drizzle-orm';
import * as z from 'zod';
import type { ClaimState } from '../../db/schema/claims.ts';
import { refuse, signedIn } from '../authority.ts';
import { maySet } from '../benefits/terms-lock.ts';
import type { Ctx } from '../context.ts';
import { Problem } from '../errors.ts';
import { holding } from '../unions/office.ts';
import { text } from '../validate.ts';

export const decisionForm = z
  .strictObject({ isAccepted: z.boolean(), reason: text(200).nullable().default(null) })
  .refine(({ isAccepted, reason }) => isAccepted || reason !== null, {
    path: ['reason'],
    message: 'is missing',
  });

/** The organiser's yes or no to a claim that asks. Its event is its audit entry; the member is told. */
export async function decide(
  c: Ctx,
  id: string,
  { isAccepted, reason }: z.infer<typeof decisionForm>,
): Promise<{ state: ClaimState }> {
  const actor = signedIn(c);
  const [row] = await c.env.db.execute<{ said: { outcome: string; state: ClaimState } }>(sql`
    with setter as materialized (${holding(actor, 'terms')}),
      asked as materialized (
        select k.id from claim k join benefit b on b.id = k.benefit_id
        where k.cell = cell_of(${id}::uuid) and k.id = ${id}::uuid and ${maySet(sql`table setter`)}
      )
    select decide_claim(asked.id, ${isAccepted}, ${actor.userId}, ${reason}) as said from asked`);
  if (!row) return refuse(c);
  if (row.said.outcome === 'claim_ended') throw new Problem('claim_ended');
  return { state: row.said.state };
}
