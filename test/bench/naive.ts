import type { Item } from '../../api/redemptions/item.ts';
import type { Sql } from '../../db/client.ts';

/**
 * The way it is usually written: a transaction of seven statements, one trip each, the counter locked first by SELECT FOR
 * UPDATE. It asks less than redeem() and is told the card's holder is a member; what it does ask is right.
 */
export async function redeemNaively(sql: Sql, item: Item, operator: number): Promise<void> {
  const { cell, card, benefit, outlet, jti, id, scannedAt } = item;
  await sql.begin(async (tx) => {
    const [holder] = await tx<{ member: number; district: number }[]>`
      select c.member_id as member, u.district_id as district from card c
      join affiliation a on a.cell = c.cell and a.member_id = c.member_id and a.ended_at is null
      join trade_union u on u.id = a.union_id
      where c.cell = ${cell} and c.number = ${card} and c.status = 'live'`;
    const [offer] = await tx<{ price: number; limit: number }[]>`
      select b.price_fen as price, b.limit_count as limit from benefit b
      join benefit_partner p on p.benefit_id = b.id
      join outlet o on o.partner_id = p.partner_id and o.id = ${outlet}
      where b.id = ${benefit} and b.starts_at <= clock() and b.ends_at > clock()`;
    if (!holder || !offer) throw new Error('There is no such card or benefit here.');
    const [pool] = await tx<{ id: number; union: number; left: number }[]>`
      select id, union_id as union, cap - used as left from allocation
      where benefit_id = ${benefit}
        and (district_id = ${holder.district} or district_id is null)
      order by district_id nulls last limit 1 for update`;
    const [use] = await tx<{ count: number }[]>`
      select count(*)::int as count from redemption
      where cell = ${cell} and member_id = ${holder.member} and benefit_id = ${benefit}
        and at >= date_trunc('day', clock())`;
    if (!pool || pool.left < 1 || (use?.count ?? 0) >= offer.limit) throw new Error('Sold out.');
    await tx`
      insert into redemption (cell, id, member_id, card_number, jti, benefit_id, outlet_id,
        operator_id, allocation_id, quantity, member_left, price_fen, at, booked_at)
      values (${cell}, ${id}, ${holder.member}, ${card}, ${jti}, ${benefit}, ${outlet},
        ${operator}, ${pool.id}, 1, 0, ${offer.price}, ${scannedAt}, ${scannedAt})`;
    await tx`
      insert into transfer (cell, redemption_id, kind, leg, payer_id, payee_id, creditor_id, amount_fen,
        at)
      select ${cell}, ${id}, 'redemption', 1, payer.id, payee.id, p.union_id, ${offer.price},
        ${scannedAt}::timestamptz
      from account payer, outlet o
      join partner p on p.id = o.partner_id
      join account payee on payee.partner_id = p.id and payee.kind = 'payable'
      where payer.union_id = ${pool.union} and payer.kind = 'budget' and o.id = ${outlet}`;
    await tx`update allocation set used = used + 1 where id = ${pool.id}`;
  });
}
