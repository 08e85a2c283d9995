-- Ends leases and gives their unused units back to the shared allocations they came from: the
-- units that each allocation got. A lease that ended before gives nothing. The caller holds the
-- allocations; locks the leases, in id order. Under those locks it reads once more what was used.
create or replace function take_back_leases(p_leases integer[], now timestamptz)
returns table (allocation_id integer, units integer) language plpgsql as $$
#variable_conflict use_column
begin
  perform from lease l where l.id = any (p_leases) order by l.id for no key update;
  return query
  with ended as (
    update lease l set returned_at = now
    where l.id = any (p_leases) and l.returned_at is null
    returning l.allocation_id, l.units - l.used as unused
  ),
  free as (
    select e.allocation_id, sum(e.unused)::integer as units from ended e group by e.allocation_id
  ),
  counted as (
    update allocation a set leased = a.leased - free.units from free where a.id = free.allocation_id
  )
  select free.allocation_id, free.units from free;
end
$$;
