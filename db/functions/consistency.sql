-- What redemptions, ledger and quota contradict each other in (I14): one row a contradiction, none
-- when all is well. One query, so one snapshot; it reads everything, and locks nothing.
create or replace function consistency() returns table (finding text, subject text)
language sql stable as $$
  select 'allocation.used is not the units of its redemptions', 'allocation ' || a.id
  from allocation a
  left join (
    select r.allocation_id, sum(r.quantity) as units from redemption r
    where r.reversed_at is null group by r.allocation_id
  ) booked on booked.allocation_id = a.id
  where a.used <> coalesce(booked.units, 0)

  union all
  select 'the allocations of a benefit exceed its cap', 'benefit ' || b.id
  from benefit b join allocation a on a.benefit_id = b.id
  group by b.id having sum(a.cap) > b.cap

  union all
  select 'a redemption has another benefit''s allocation, or another member''s card',
    'redemption ' || r.id
  from redemption r
  join allocation a on a.id = r.allocation_id
  join card c on c.cell = r.cell and c.number = r.card_number
  where a.benefit_id <> r.benefit_id or c.member_id <> r.member_id

  union all
  select 'a redemption has not one transfer of its price from payer to partner', 'redemption ' || r.id
  from redemption r
  join allocation a on a.id = r.allocation_id
  join account payer on payer.union_id = a.union_id
  join outlet t on t.id = r.outlet_id
  join account payee on payee.partner_id = t.partner_id
  left join transfer there
    on there.cell = r.cell and there.redemption_id = r.id and there.kind = 'redemption'
  group by r.cell, r.id, payer.id, payee.id
  having count(there.leg) <> 1
    or bool_or(
      (there.payer_id, there.payee_id, there.amount_fen, there.at)
        <> (payer.id, payee.id, r.price_fen::bigint * r.quantity, r.booked_at)
    )

  union all
  select 'a redemption, its reversal and the transfer back disagree', 'redemption ' || r.id
  from redemption r
  left join reversal v on v.cell = r.cell and v.redemption_id = r.id
  left join transfer there
    on there.cell = r.cell and there.redemption_id = r.id and there.kind = 'redemption'
  left join transfer back
    on back.cell = r.cell and back.redemption_id = r.id and back.kind = 'reversal'
    and back.leg = there.leg
  where (v.at, back.at) is distinct from (r.reversed_at, r.reversed_at)
    or (back.payer_id, back.payee_id, back.amount_fen)
      <> (there.payee_id, there.payer_id, there.amount_fen)
$$;
