-- The places of an allocation that are its own, not of a top-up, and that nobody has used, claimed
-- or on a device. Null for no allocation. Inlinable; touches nothing.
create or replace function own_left(a allocation) returns integer
language sql immutable parallel safe as $$
  select a.cap - a.topped - (a.used - a.topped_used) - (a.claimed - a.topped_claimed) - a.leased
$$;
