import { sql } from 'drizzle-orm';
import * as z from 'zod';
import type { ClaimState } from '../../db/schema/claims.ts';
import { record } from '../audit/record.ts';
import { refuse, signedIn } from '../authority.ts';
import { maySet } from '../benefits/terms-lock.ts';
import type { Ctx } from '../context.ts';
import { Problem } from '../errors.ts';
import { holding } from '../unions/office.ts';
import { text } from '../validate.ts';

export const decisionForm = z
  .strictObject({ accept: z.boolean(), reason: text(200).nullable().default(null) })
  .refine(({ accept, reason }) => accept || reason !== null, {
    path: ['reason'],
    message: 'is missing',
  });

/** The organiser's answer to a claim that asks. Its member is told, with the reason. */
export async function decide(
  c: Ctx,
  id: string,
  { accept, reason }: z.infer<typeof decisionForm>,
): Promise<{ state: ClaimState }> {
  const actor = signedIn(c);
  const said = await c.env.db.transaction(async (tx) => {
    const [mine] = await tx.execute<{ unionId: number }>(sql`
      with setter as materialized (${holding(actor, 'terms')})
      select b.union_id as "unionId" from claim k join benefit b on b.id = k.benefit_id
      where k.cell = cell_of(${id}::uuid) and k.id = ${id}::uuid and ${maySet(sql`table setter`)}`);
    if (!mine) return undefined;
    const [row] = await tx.execute<{ said: { outcome: string; state: ClaimState } }>(sql`
      select decide_claim(${id}::uuid, ${accept}, ${actor.userId}, ${reason}) as said`);
    if (row?.said.outcome === 'decided')
      await record(tx, {
        userId: actor.userId,
        unionId: mine.unionId,
        action: 'claim.decide',
        subject: 'claim',
        subjectId: id,
        reason,
        before: { claimState: 'asked' },
        after: { claimState: row.said.state },
      });
    return row?.said;
  });
  if (!said) return refuse(c);
  if (said.outcome === 'claim_ended') throw new Problem('claim_ended');
  return { state: said.state };
}
