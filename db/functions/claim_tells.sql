-- Triggers: each change of a claim's state, and of its session, is written down for the audit and for
-- its member, in the change's own transaction, whoever made it; a whole statement's at once.
create or replace function claim_tells() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    insert into claim_event (cell, member_id, claim_id, state, session_id, by, reason, at)
    select n.cell, n.member_id, n.id, n.state, n.session_id, n.changed_by, n.reason, n.changed_at
    from new_claim n
    order by n.turn;
  else
    insert into claim_event (cell, member_id, claim_id, before, state, session_id, by, reason, at)
    select n.cell, n.member_id, n.id, o.state, n.state, n.session_id, n.changed_by, n.reason,
      n.changed_at
    from new_claim n
    join old_claim o on o.cell = n.cell and o.id = n.id
    where n.state <> o.state or n.session_id is distinct from o.session_id
    order by n.turn;
  end if;
  return null;
end
$$;

create or replace trigger claim_is_made after insert on claim
referencing new table as new_claim for each statement execute function claim_tells();
create or replace trigger claim_is_changed after update on claim
referencing old table as old_claim new table as new_claim
for each statement execute function claim_tells();
create or replace trigger claim_event_is_insert_only
before update or delete or truncate on claim_event execute function insert_only();
