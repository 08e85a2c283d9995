import { sql } from 'drizzle-orm';
import type { Tx } from '../audit/record.ts';
import type { Actor } from '../caller.ts';
import { holding } from '../unions/office.ts';

/**
 * The districts among `districts` that the benefit's rule charges for their own members although its publisher has no say
 * over them, nor `actor` over their money: nobody but they themselves decides on that. `actor` null: nobody has a say.
 */
export async function payingStrangers(
  tx: Tx,
  actor: Actor | null,
  benefitId: number,
  districts: readonly (number | null)[],
): Promise<number[]> {
  const office =
    actor === null ? sql`select null::int as union_id where false` : holding(actor, 'money');
  const named = sql.param(districts.filter((one) => one !== null));
  const rows = await tx.execute<{ id: number }>(sql`
    select d.id
    from benefit b join trade_union u on u.id = b.union_id
      join trade_union d on d.id = any(${named}::int[]) and u.id <> all(d.path)
    where b.id = ${benefitId} and jsonb_path_exists(b.funding, '$[*].payer ? (@ == "home")')
      and not exists (select from (${office}) o where o.union_id = any(d.path))`);
  return rows.map(({ id }) => id);
}
