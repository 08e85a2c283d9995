-- Takes back every lease on these shared allocations whose grace is over, and answers the units
-- that each got by it. The caller holds the allocations, so that nobody counts them twice.
create or replace function return_due_leases(p_allocations integer[], now timestamptz)
returns table (allocation_id integer, units integer) language sql volatile as $$
  select t.allocation_id, t.units
  from take_back_leases(
    array(
      select l.id from lease l
      where l.allocation_id = any (p_allocations) and l.returned_at is null and l.returns_at <= now
    ),
    now
  ) t
$$;
