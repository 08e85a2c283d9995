-- Locks all that a place of a benefit is counted in, in everybody's order: its allocations, home before
-- shared, then these sessions, each in id order. The caller holds members, if any, already.
create or replace function lock_places(p_benefit integer, p_sessions integer[]) returns void
language plpgsql as $$
begin
  perform from allocation a where a.benefit_id = p_benefit
  order by a.district_id is null, a.id
  for no key update;
  perform from session s where s.id = any (p_sessions) order by s.id for no key update;
end
$$;
