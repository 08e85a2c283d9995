-- The pool that so many units of a benefit come from for a member of a union at an instant: the home
-- allocation's own places, its top-up, or the shared one; no row where none has them. Exact only
-- under lock_places. A plain read.
create or replace function pool_for(
  p_benefit integer,
  p_union integer,
  p_at timestamptz,
  p_units integer
) returns table (allocation_id integer, is_topped boolean) language sql stable rows 1 as $$
  select a.id, own_left(a) < p_units
  from benefit b
  join trade_union employer on employer.id = p_union
  join allocation a on a.benefit_id = b.id and a.starts_at = period_start(b.quota_period, p_at)
    and (a.district_id is null or a.district_id = employer.district_id)
  where b.id = p_benefit and home_most(a) >= p_units
  order by a.district_id is null
  limit 1
$$;
