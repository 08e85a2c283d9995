-- Locks what a claim's attendance changes, in the one order for everybody, and answers its row as it is
-- then: the member, so that no scan at a partner's uses it beside; lock_places; the claim. Null where
-- there is none. A caller that holds some of them goes on in this order.
create or replace function lock_claim(p_id uuid) returns claim language plpgsql as $$
declare
  c claim;
begin
  select * into c from claim l where l.cell = cell_of(p_id) and l.id = p_id;
  perform from member m where m.cell = c.cell and m.id = c.member_id for no key update;
  perform lock_places(c.benefit_id, array[c.session_id]);
  select * into c from claim l where l.cell = cell_of(p_id) and l.id = p_id for update;
  return c;
end
$$;
