import { sql } from 'drizzle-orm';
import { signedIn } from '../authority.ts';
import type { Ctx } from '../context.ts';
import type { Share } from '../../db/schema/benefits.ts';
import { requireOffice } from '../unions/office.ts';

export type FundingPreview = { amountsFen: number[] };

/** What each share of a rule would bear of one use, by the function that splits the uses themselves. */
export async function previewFunding(
  c: Ctx,
  { funding, priceFen, quantity }: { funding: Share[]; priceFen: number; quantity: number },
): Promise<FundingPreview> {
  await requireOffice(c, signedIn(c));
  const [found] = await c.env.db.execute<{ amounts: number[] }>(sql`
    select to_jsonb(split(${JSON.stringify(funding)}::jsonb, ${priceFen}::bigint, ${quantity}::int)) as amounts`);
  return { amountsFen: found?.amounts ?? [] };
}
