-- The most units that one claim of a benefit is of: an entry of a draw is for one prize. Inlinable; touches nothing.
create or replace function claim_most(b benefit) returns integer language sql immutable parallel safe as $$
  select case when b.claim_kind = 'draw' then 1 else b.quantity_max end
$$;
