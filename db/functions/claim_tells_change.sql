-- Trigger: each change of a claim's state, and of its session, is written down as its making is
-- (claim_tells); a whole statement's at once. The first change of a connection may be of one claim and
-- a later one of thousands, by the plan of the first: each with each would take a draw minutes, so it
-- is a hash join whatever the caller's own settings (redeem's) are.
create or replace function claim_tells_change() returns trigger language plpgsql
set enable_nestloop = off
set enable_hashjoin = on
as $$
begin
  insert into claim_event (cell, member_id, claim_id, before, state, session_id, by, reason, at)
  select n.cell, n.member_id, n.id, o.state, n.state, n.session_id, n.changed_by, n.reason,
    n.changed_at
  from new_claim n
  join old_claim o on o.cell = n.cell and o.id = n.id
  where n.state <> o.state or n.session_id is distinct from o.session_id
  order by n.turn;
  return null;
end
$$;

create or replace trigger claim_is_changed after update on claim
referencing old table as old_claim new table as new_claim
for each statement execute function claim_tells_change();
