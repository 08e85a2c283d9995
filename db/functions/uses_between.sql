-- What was booked in [p_from, p_to), off the live tables, in the shape of `use_day`, which is the sum of it: uses, what
-- was undone as a negative, and what unions pay partners for it, each by its own instant. The home district is that of
-- the member's union at the scan; where a row does not know it, that of the places. Not added up. A plain read, of the
-- pages of that time alone.
create or replace function uses_between(p_from timestamptz, p_to timestamptz)
returns table (
  day date,
  owner_id integer,
  home_id integer,
  host_id integer,
  redemptions integer,
  quantity integer,
  paid_fen bigint
)
language sql stable as $$
  select local_day(e.at), a.union_id, coalesce(u.district_id, a.district_id), o.district_id,
    e.redemptions, e.quantity, e.paid_fen
  from (
    select r.booked_at as at, r.allocation_id, r.union_id, r.outlet_id, 1 as redemptions,
      r.quantity::integer as quantity, 0::bigint as paid_fen
    from redemption r
    where r.booked_at >= p_from and r.booked_at < p_to
    union all
    select v.at, r.allocation_id, r.union_id, r.outlet_id, -1, -r.quantity, 0
    from reversal v
    join redemption r on r.cell = v.cell and r.id = v.redemption_id
    where v.at >= p_from and v.at < p_to
    union all
    select t.at, r.allocation_id, r.union_id, r.outlet_id, 0, 0,
      case when payee.kind = 'payable' then t.amount_fen else -t.amount_fen end
    from transfer t
    join account payer on payer.id = t.payer_id
    join account payee on payee.id = t.payee_id
    join redemption r on r.cell = t.cell and r.id = t.redemption_id
    where t.at >= p_from and t.at < p_to and 'payable' in (payer.kind, payee.kind)
  ) e
  join allocation a on a.id = e.allocation_id
  join outlet o on o.id = e.outlet_id
  left join trade_union u on u.id = e.union_id
$$;
