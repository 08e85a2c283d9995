-- Locks all that a place of a benefit is counted in, in everybody's order: its allocations, home before
-- shared, then these sessions and those that somebody waits for (a draw's all), each in id order. The
-- caller holds members, if any, already.
create or replace function lock_places(p_benefit integer, p_sessions integer[]) returns void
language sql volatile as $$
  select lock_places_of(array[p_benefit], p_sessions)
$$;
