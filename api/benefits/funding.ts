import { sql } from 'drizzle-orm';
import * as z from 'zod';
import type { Tx } from '../audit/record.ts';
import { Problem } from '../errors.ts';
import { payers, type Share } from '../../db/schema/benefits.ts';
import { charges } from '../partners/lock-admission.ts';
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

type Priced = { funding: Share[] | null; priceFen: number };

/**
 * Host and headquarters agreed to their share as it was when the partner was admitted, for so many uses. Refuses a rule or
 * a price that would charge one outside the publisher's scope more than that, or any without a cap.
 */
export async function requireAgreement(
  tx: Tx,
  { id, unionId }: { id: number; unionId: number },
  before: Priced,
  after: Priced,
): Promise<void> {
  const said = ({ funding: rule }: Priced) => sql`${rule && JSON.stringify(rule)}::jsonb`;
  const share = (of: Priced) => sql`(
    select coalesce(sum((split_most(${said(of)}, least(a.price_fen, ${of.priceFen}::int)))[s.place]), 0)
    from jsonb_array_elements(${said(of)}) with ordinality as s (rule, place)
    where s.rule ->> 'payer' in ('host', 'headquarters'))`;
  const [admitted] = await tx.execute<{ isStrange: boolean; isUncapped: boolean }>(sql`
    select coalesce(bool_or(${unionId}::int <> all(u.path) and ${share(after)} > ${share(before)}), false)
        as "isStrange",
      coalesce(bool_or(a.cap is null and ${charges(said(after))}), false) as "isUncapped"
    from benefit_partner a
      join partner p on p.id = a.partner_id
      join trade_union u on u.id = p.union_id
    where a.benefit_id = ${id} and a.state <> 'ended'`);
  if (admitted?.isStrange === true) throw new Problem('payer_not_yours');
  if (admitted?.isUncapped === true)
    throw new Problem('invalid_request', {
      fields: [{ field: 'funding', message: 'charges a partner’s district without a cap of uses' }],
    });
}
