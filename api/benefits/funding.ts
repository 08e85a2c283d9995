import { sql } from 'drizzle-orm';
import * as z from 'zod';
import type { Tx } from '../audit/record.ts';
import { Problem } from '../errors.ts';
import { payers, type Share } from '../../db/schema/benefits.ts';
import { integer } from '../validate.ts';

const amount = integer(0, 100_000_000);

const share: z.ZodType<Share> = z
  .strictObject({
    payer: z.enum(payers),
    amountFen: amount.exactOptional(),
    parts: integer(1, 1000).exactOptional(),
    capFen: amount.exactOptional(),
  })
  .refine(
    ({ amountFen, parts }) => (amountFen === undefined) !== (parts === undefined),
    'is either an amount or parts',
  );

/** Who bears the price: shares in order, of which one by parts without a cap takes whatever is left. */
export const funding = z
  .array(share)
  .min(1)
  .max(8)
  .refine(
    (shares) => new Set(shares.map(({ payer }) => payer)).size === shares.length,
    'names a payer twice',
  )
  .refine(
    (shares) => shares.some(({ parts, capFen }) => parts !== undefined && capFen === undefined),
    'needs a share by parts without a cap',
  );

/**
 * Refuses a rule that spends money its publisher has no say over. Its own and that of those below is his; the city's only
 * where he is the city; the members' own unions' where these are below him. Host and headquarters agree by admitting.
 */
export async function requirePayers(
  tx: Tx,
  unionId: number,
  { funding: rule, audience }: { funding: Share[] | null; audience: { unions?: number[] } },
): Promise<void> {
  const named = new Set(rule?.map(({ payer }) => payer));
  if (!named.has('city') && !named.has('enterprise')) return;
  const [union] = await tx.execute<{ isCity: boolean }>(sql`
    select parent_id is null as "isCity" from trade_union where id = ${unionId}`);
  if (union?.isCity === true) return;
  if (named.has('city') || audience.unions === undefined) throw new Problem('payer_not_yours');
}
