-- A device gives back everything it has not used, at once: because it asks to, or is revoked. Done
-- twice it does nothing more. What it used but uploads only later must find a place in the pools.
-- Locks the device, then the shared allocations in id order, then its leases.
create or replace function return_leases(p_device integer) returns void language plpgsql as $$
declare
  open_leases integer[];
begin
  perform from device d where d.id = p_device for no key update;
  select array_agg(l.id) into open_leases
  from lease l where l.device_id = p_device and l.returned_at is null;
  perform from allocation a
  where a.id in (select l.allocation_id from lease l where l.id = any (open_leases))
  order by a.id for no key update;
  perform from take_back_leases(open_leases, clock());
end
$$;
