-- The places of an allocation's top-up that nobody has used or claimed. Null for no allocation.
-- Inlinable; touches nothing.
create or replace function topped_left(a allocation) returns integer
language sql immutable parallel safe as $$
  select a.topped - a.topped_used - a.topped_claimed
$$;
