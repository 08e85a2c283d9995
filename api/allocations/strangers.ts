import { sql } from 'drizzle-orm';
import type { Tx } from '../audit/record.ts';
import type { Actor } from '../caller.ts';
import { holding } from '../unions/office.ts';

/**
 * The unions to which a place more in one of these pools would cost something although `actor` has no say over their
 * money: nobody but they themselves decides on that. `from`: it is taken out of that district's pool, so who paid for it there
 * pays no more. `actor` null: what the benefit's publisher has no say over, who decides for itself and for those below.
 */
export async function payingStrangers(
  tx: Tx,
  actor: Actor | null,
  benefitId: number,
  pools: readonly (number | null)[],
  from: number | null = null,
): Promise<number[]> {
  const office =
    actor === null
      ? sql`select b.union_id from benefit b where b.id = ${benefitId}`
      : holding(actor, 'money');
  const places = JSON.stringify(
    [...pools, ...(from === null ? [] : [from])].map((district, i) => ({
      district,
      isGiven: i < pools.length,
    })),
  );
  const rows = await tx.execute<{ id: number }>(sql`
    with office as materialized (${office}),
      place as (
        select p.*, coalesce(
          (select a.union_id from allocation a
            where a.benefit_id = b.id and a.district_id is not distinct from p.district
            order by a.starts_at desc limit 1),
          case when u.id = any(d.path) then d.id else u.id end) as owner_id
        from jsonb_to_recordset(${places}::jsonb) p (district integer, "isGiven" boolean)
          join benefit b on b.id = ${benefitId}
          join trade_union u on u.id = b.union_id
          left join trade_union d on d.id = p.district),
      cost as (
        select p."isGiven", c.union_id, max(c.unit_fen) as fen
        from place p cross join lateral place_costs(${benefitId}, p.district, p.owner_id) c
        group by p."isGiven", c.union_id)
    select c.union_id as id
    from cost c
      join trade_union payer on payer.id = c.union_id
      left join cost before on not before."isGiven" and before.union_id = c.union_id
    where c."isGiven" and c.fen > coalesce(before.fen, 0)
      and not exists (select from office o where o.union_id = any(payer.path))
    order by c.union_id`);
  return rows.map(({ id }) => id);
}
