-- The union that pays for one use too many of a benefit at an outlet, by the benefit's policy, and
-- without one its own union; 0 where the partner bears it and nobody pays. Inlinable.
create or replace function variance_payer(p offline_policy, b benefit, t outlet) returns integer
language sql stable parallel safe as $$
  select case p.variance_payer
    when 'district' then t.district_id
    when 'partner' then 0
    else b.union_id
  end
$$;
