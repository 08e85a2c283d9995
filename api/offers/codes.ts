import { sql } from 'drizzle-orm';
import * as z from 'zod';
import { openFreePlaces } from '../allocations/free-places.ts';
import { record } from '../audit/record.ts';
import { refuse, signedIn } from '../authority.ts';
import { lockClaimed } from '../claims/terms.ts';
import type { Ctx } from '../context.ts';
import { Problem } from '../errors.ts';
import { text } from '../validate.ts';

/** What one request may bring; more come in several, each of which can be sent again. */
export const codesAtOnceMax = 2000;

const code = z.string().regex(/^[!-~]{4,64}$/, 'must be 4 to 64 letters, digits or signs');

export const codesForm = z.strictObject({
  codes: z.array(code).min(1).max(codesAtOnceMax),
  reason: text(200),
});

export type CodesAdded = {
  /** How many were new, how many the offer had already, or came twice. */
  added: number;
  known: number;
  /** How many it has now, and how many of them no claim has. */
  codes: number;
  free: number;
};

type Said = { outcome: string; added: number; codes: number; free: number };

/** Adds codes to an offer of the caller's, and as many places to its stock. The audit keeps how many, never which. */
export async function addCodes(
  c: Ctx,
  benefitId: number,
  { codes, reason }: z.infer<typeof codesForm>,
): Promise<CodesAdded> {
  const actor = signedIn(c);
  const done = await c.env.db.transaction(async (tx) => {
    const row = await lockClaimed(tx, actor, benefitId);
    if (!row) return undefined;
    const once = [...new Set(codes)];
    const [answer] = await tx.execute<{ said: Said }>(sql`
      select add_codes(${benefitId}, ${sql.param(once)}::text[]) as said`);
    const said = answer?.said;
    switch (said?.outcome) {
      case 'claims_not_set':
      case 'codes_not_paid':
      case 'claims_exist':
      case 'too_many_codes':
        throw new Problem(said.outcome);
      case 'added':
        break;
      default:
        throw new Error('add_codes() gave no outcome.');
    }
    await openFreePlaces(tx, row);
    const { added, codes: all, free } = said;
    if (added > 0)
      await record(tx, {
        userId: actor.userId,
        unionId: row.unionId,
        action: 'codes.add',
        subject: 'benefit',
        subjectId: benefitId,
        reason,
        before: { codes: all - added },
        after: { codes: all },
      });
    return { added, known: codes.length - added, codes: all, free };
  });
  return done ?? refuse(c);
}
