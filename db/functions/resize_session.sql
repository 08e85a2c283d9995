-- Sets how many units of a session may be taken; what a higher cap adds is offered to who waits first.
-- False where more is taken already, which it never takes away. The caller may do so. Locks
-- lock_places.
create or replace function resize_session(p_session integer, p_cap integer) returns boolean
language plpgsql as $$
declare
  s session;
begin
  select * into s from session x where x.id = p_session;
  perform lock_places(s.benefit_id, array[s.id]);
  update session x set cap = p_cap where x.id = s.id and x.taken <= p_cap;
  if not found then
    return false;
  end if;
  perform offer_places(s.benefit_id, s.id, clock());
  return true;
end
$$;
