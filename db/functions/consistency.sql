-- What redemptions, ledger, quota, leases and offline scans contradict each other in (I14): one row
-- a contradiction, none when all is well. One query, so one snapshot; it reads everything, and locks
-- nothing.
create or replace function consistency() returns table (finding text, subject text)
language sql stable as $$
  select 'allocation.used is not the units of its redemptions', 'allocation ' || a.id
  from allocation a
  left join (
    select r.allocation_id, sum(r.quantity) as units from redemption r
    where r.reversed_at is null and r.lease_id is null and r.variance is null
    group by r.allocation_id
  ) booked on booked.allocation_id = a.id
  where a.used <> coalesce(booked.units, 0)

  union all
  select 'allocation.leased is not what its leases hold or used', 'allocation ' || a.id
  from allocation a
  left join (
    select l.allocation_id,
      sum(case when l.returned_at is null then l.units else l.used end) as units
    from lease l group by l.allocation_id
  ) out on out.allocation_id = a.id
  where a.leased <> coalesce(out.units, 0)

  union all
  select 'lease.used is not the units of its redemptions', 'lease ' || l.id
  from lease l
  left join (
    select r.lease_id, sum(r.quantity) as units from redemption r
    where r.reversed_at is null and r.lease_id is not null group by r.lease_id
  ) booked on booked.lease_id = l.id
  where l.used <> coalesce(booked.units, 0)

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
  select 'a redemption has another device''s or another benefit''s lease', 'redemption ' || r.id
  from redemption r
  join lease l on l.id = r.lease_id
  where (l.device_id, l.benefit_id, l.allocation_id)
    is distinct from (r.device_id, r.benefit_id, r.allocation_id)

  union all
  select 'a pass is used twice for a benefit', 'card ' || r.card_number
  from redemption r where r.variance is null
  group by r.cell, r.card_number, r.jti, r.benefit_id having count(*) > 1

  -- Legs that nothing undid: one from who owns the places; none once reversed. One use too many is
  -- paid by the benefit's union or the host district, or by nobody.
  union all
  select 'a redemption has not one transfer of its price from payer to partner', 'redemption ' || r.id
  from redemption r
  join allocation a on a.id = r.allocation_id
  join benefit b on b.id = r.benefit_id
  join outlet t on t.id = r.outlet_id
  join account payee on payee.partner_id = t.partner_id and payee.kind = 'payable'
  left join transfer there
    on there.cell = r.cell and there.redemption_id = r.id and there.kind = 'redemption'
  left join transfer back
    on back.cell = r.cell and back.redemption_id = r.id and back.kind = 'reversal'
    and back.leg = there.leg
  left join account payer on payer.id = there.payer_id
  group by r.cell, r.id
  having count(there.leg) filter (where back.leg is null)
      not between (case when r.reversed_at is null and r.variance is null then 1 else 0 end)
        and (case when r.reversed_at is null then 1 else 0 end)
    or count(there.leg) <> 1 and r.device_id is null
    or bool_or((there.payee_id, there.amount_fen) <> (payee.id, r.price_fen::bigint * r.quantity))
    or bool_or(there.at < r.booked_at or there.at <> r.booked_at and r.device_id is null)
    or bool_or(
      back.leg is null and not coalesce(
        case
          when r.variance is null then payer.union_id = a.union_id
          else payer.union_id in (b.union_id, t.district_id)
        end,
        false
      )
    ) filter (where there.leg is not null)

  union all
  select 'a redemption, its reversal and the transfer back disagree', 'redemption ' || r.id
  from redemption r
  left join reversal v on v.cell = r.cell and v.redemption_id = r.id
  left join transfer back
    on back.cell = r.cell and back.redemption_id = r.id and back.kind = 'reversal'
  left join transfer there
    on there.cell = r.cell and there.redemption_id = r.id and there.kind = 'redemption'
    and there.leg = back.leg
  group by r.cell, r.id, v.at
  having v.at is distinct from r.reversed_at
    or bool_or(
      (back.payer_id, back.payee_id, back.amount_fen)
        is distinct from (there.payee_id, there.payer_id, there.amount_fen)
    )
    or r.device_id is null and max(back.at) is distinct from r.reversed_at

  -- What a verdict says stands in the redemption, and what a decision says was done.
  union all
  select 'an offline scan and its redemption disagree', 'device ' || i.device_id || ', scan ' || i.seq
  from offline_item i
  left join redemption r on r.cell = i.cell and r.id = i.redemption_id
  where case
      when i.verdict in ('accepted', 'duplicate', 'over_limit')
        then r.id is null or r.variance is distinct from i.reason
      else i.decision = 'pay' and r.id is null
    end
    or i.decision = 'reject' and i.verdict <> 'needs_review' and r.reversed_at is null

  union all
  select 'an offline scan was passed over without a verdict',
    'device ' || i.device_id || ', scan ' || i.seq
  from offline_item i
  join device d on d.id = i.device_id
  where i.seq <= d.judged_seq and i.verdict is null
$$;
