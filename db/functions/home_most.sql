-- The most that one use may take of a home allocation: its own places, or those of its top-up, but
-- never some of both. Null for no allocation. Inlinable; touches nothing.
create or replace function home_most(a allocation) returns integer
language sql immutable parallel safe as $$
  select greatest(own_left(a), topped_left(a))
$$;
