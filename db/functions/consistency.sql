-- What redemptions, ledger, quota, admissions, leases and offline scans contradict each other in (I14): one row
-- a contradiction, none when all is well. One query, so one snapshot; it reads everything, and locks
-- nothing.
create or replace function consistency() returns table (finding text, subject text)
language sql stable as $$
  select 'allocation.used is not the units of its redemptions', 'allocation ' || a.id
  from allocation a
  left join (
    select r.allocation_id, sum(r.quantity) as units,
      coalesce(sum(r.quantity) filter (where r.is_topped), 0) as topped
    from redemption r
    where r.reversed_at is null and r.lease_id is null and r.variance is null
    group by r.allocation_id
  ) booked on booked.allocation_id = a.id
  left join (
    select c.allocation_id, sum(c.used) as units,
      coalesce(sum(c.used) filter (where c.is_topped), 0) as topped
    from claim c where c.attended_at is not null
    group by c.allocation_id
  ) attended on attended.allocation_id = a.id
  where a.used <> coalesce(booked.units, 0) + coalesce(attended.units, 0)
    or a.topped_used <> coalesce(booked.topped, 0) + coalesce(attended.topped, 0)

  union all
  select 'allocation.claimed is not what its claims hold', 'allocation ' || a.id
  from allocation a
  left join (
    select c.allocation_id, sum(c.quantity - c.used) as units,
      coalesce(sum(c.quantity - c.used) filter (where c.is_topped), 0) as topped
    from claim c where c.state in ('asked', 'held', 'offered', 'confirmed')
    group by c.allocation_id
  ) held on held.allocation_id = a.id
  where a.claimed <> coalesce(held.units, 0) or a.topped_claimed <> coalesce(held.topped, 0)

  union all
  select 'session.taken is not the units of its claims', 'session ' || s.id
  from session s
  left join (
    select c.session_id, sum(c.quantity) as units
    from claim c
    where c.state in ('asked', 'held', 'offered', 'confirmed', 'used', 'no_show')
      or exists (select from offer_code k where k.cell = c.cell and k.claim_id = c.id)
    group by c.session_id
  ) held on held.session_id = s.id
  where s.taken <> coalesce(held.units, 0)

  union all
  select 'a claim has not as many codes as units', 'claim ' || c.id
  from claim c
  left join (
    select k.cell, k.claim_id, count(*) as units from offer_code k
    where k.claim_id is not null group by k.cell, k.claim_id
  ) given on given.cell = c.cell and given.claim_id = c.id
  where case
    when given.units is not null then given.units <> c.quantity
    else c.state = 'confirmed' and exists (select from offer_code k where k.benefit_id = c.benefit_id)
  end

  union all
  select 'claim.used is not the units of its redemptions', 'claim ' || c.id
  from claim c
  left join (
    select r.cell, r.claim_id, sum(r.quantity) as units
    from redemption r where r.reversed_at is null and r.claim_id is not null
    group by r.cell, r.claim_id
  ) booked on booked.cell = c.cell and booked.claim_id = c.id
  where c.attended_at is null and c.used <> coalesce(booked.units, 0)
    or c.attended_at is not null and booked.units is not null

  union all
  select 'a claim has another benefit''s session or allocation', 'claim ' || c.id
  from claim c
  left join session s on s.id = c.session_id
  left join allocation a on a.id = c.allocation_id
  where s.benefit_id <> c.benefit_id or a.benefit_id <> c.benefit_id

  union all
  select 'an admission''s counters are not the units of its redemptions',
    'admission ' || a.benefit_id || ', partner ' || a.partner_id
  from benefit_partner a
  left join (
    select r.benefit_id, t.partner_id, sum(r.quantity) as units,
      coalesce(sum(r.quantity) filter (where local_day(r.at) = p.day), 0) as on_day,
      max(local_day(r.at)) as newest
    from redemption r
    join outlet t on t.id = r.outlet_id
    join benefit_partner p on p.benefit_id = r.benefit_id and p.partner_id = t.partner_id
    where num_nonnulls(p.cap, p.cap_a_day) > 0 and r.reversed_at is null and r.variance is null
    group by r.benefit_id, t.partner_id
  ) booked on booked.benefit_id = a.benefit_id and booked.partner_id = a.partner_id
  where num_nonnulls(a.cap, a.cap_a_day) > 0
    and (a.used <> coalesce(booked.units, 0) or a.used_on_day <> coalesce(booked.on_day, 0)
      or booked.newest > a.day)

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
  group by b.id, a.starts_at having sum(a.cap - a.topped) > b.cap

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

  -- Legs that nothing undid: those of a use are its price; one use too many is paid in one, by the
  -- benefit's union or the host district, or by nobody; one that was reversed has none.
  union all
  select 'the live legs of a redemption are not its price', 'redemption ' || r.id
  from redemption r
  left join transfer there
    on there.cell = r.cell and there.redemption_id = r.id and there.kind = 'redemption'
    and not exists (
      select from transfer back
      where back.cell = there.cell and back.redemption_id = there.redemption_id
        and back.kind = 'reversal' and back.leg = there.leg
    )
  left join account payer on payer.id = there.payer_id
  left join account payee on payee.id = there.payee_id
  group by r.cell, r.id
  having coalesce(sum(there.amount_fen), 0) <> all (
      case
        when r.reversed_at is not null then array[0::bigint]
        when r.variance is null then array[r.price_fen::bigint * r.quantity]
        else array[0, r.price_fen::bigint * r.quantity]
      end
    )
    or r.variance is not null and count(there.leg) > 1
    or r.variance is null and r.reversed_at is null and (
      coalesce(sum(there.amount_fen) filter (where payer.kind = 'members'), 0) <> r.co_payment_fen
      or coalesce(sum(there.amount_fen) filter (where payer.kind = 'discount'), 0) <> r.discount_fen
    )
    or r.is_topped and count(there.leg) > 1

  union all
  select 'a leg goes from or to an account that it may not', 'redemption ' || r.id || ', leg ' || x.leg
  from transfer x
  join redemption r on r.cell = x.cell and r.id = x.redemption_id
  join allocation a on a.id = r.allocation_id
  join benefit b on b.id = r.benefit_id
  join outlet t on t.id = r.outlet_id
  join partner p on p.id = t.partner_id
  join account payer on payer.id = x.payer_id
  join account payee on payee.id = x.payee_id
  where x.kind = 'redemption' and not coalesce(
    case payer.kind
      when 'budget' then payee.kind = 'payable' and x.creditor_id = p.union_id
        and (not r.is_topped or payer.union_id = a.district_id)
      when 'variance' then payee.kind = 'payable' and x.creditor_id = p.union_id
        and payer.union_id in (b.union_id, t.district_id)
      when 'members' then payee.kind = 'counter' and x.creditor_id is null
      when 'discount' then payee.kind = 'counter' and x.creditor_id is null
        and payer.partner_id = p.id
      else false
    end
    and payee.partner_id = p.id
    and x.at >= r.booked_at and (x.at = r.booked_at or r.device_id is not null),
    false
  )

  -- An offline use changes between them as earlier scans arrive; one made online never was a variance.
  union all
  select 'a variance is not paid from the variance account, or something else is',
    'redemption ' || r.id || ', leg ' || x.leg
  from transfer x
  join redemption r on r.cell = x.cell and r.id = x.redemption_id
  join account payer on payer.id = x.payer_id
  where x.kind = 'redemption' and (payer.kind = 'variance') <> (r.variance is not null)
    and not exists (
      select from transfer back
      where back.cell = x.cell and back.redemption_id = x.redemption_id
        and back.kind = 'reversal' and back.leg = x.leg
    )

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
      (back.payer_id, back.payee_id, back.creditor_id, back.amount_fen)
        is distinct from (there.payee_id, there.payer_id, there.creditor_id, there.amount_fen)
    )
    or r.device_id is null and bool_or(back.leg is not null and back.at is distinct from r.reversed_at)

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
