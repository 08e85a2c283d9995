-- The unused units of a shared allocation's leases whose grace is over and that nobody took back
-- yet: free again. A plain read; plpgsql, so that its plan is kept. Not to be asked beside a lock
-- that may have been waited for: it sees what the statement around it sees.
create or replace function units_due(p_allocation integer, now timestamptz) returns integer
language plpgsql stable as $$
begin
  return (
    select coalesce(sum(l.units - l.used), 0) from lease l
    where l.allocation_id = p_allocation and l.returned_at is null and l.returns_at <= now
  );
end
$$;
