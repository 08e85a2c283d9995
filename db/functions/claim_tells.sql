-- Trigger: each claim that is made is written down for the audit and for its member, in its own
-- transaction, whoever made it; a whole statement's at once. What becomes of it: claim_tells_change().
create or replace function claim_tells() returns trigger language plpgsql as $$
begin
  insert into claim_event (cell, member_id, claim_id, state, session_id, by, reason, at)
  select n.cell, n.member_id, n.id, n.state, n.session_id, n.changed_by, n.reason, n.changed_at
  from new_claim n
  order by n.turn;
  return null;
end
$$;

create or replace trigger claim_is_made after insert on claim
referencing new table as new_claim for each statement execute function claim_tells();
create or replace trigger claim_event_is_insert_only
before update or delete or truncate on claim_event execute function insert_only();
