-- Triggers: a claim that is confirmed, of an offer that has codes, has one for each of its units from that
-- moment on, in the change's own transaction, whoever confirmed it. Codes that another claim is
-- being given at this instant are stepped over, never waited for and never shared; there is one for
-- each unit of stock (session_within_codes), and whoever finds none all the same is refused. A code
-- that was given stays given (offer_code_stays). Locks the codes that it gives.
create or replace function give_codes() returns trigger language plpgsql as $$
declare
  c record;
  given integer;
begin
  for c in
    select n.cell, n.id, n.benefit_id, n.quantity, n.changed_at from new_claim n
    where n.state = 'confirmed'
      and exists (select from offer_code k where k.benefit_id = n.benefit_id)
      and not exists (select from offer_code k where k.cell = n.cell and k.claim_id = n.id)
    order by n.turn
  loop
    update offer_code k set cell = c.cell, claim_id = c.id, given_at = c.changed_at
    from (
      select free.benefit_id, free.code from offer_code free
      where free.benefit_id = c.benefit_id and free.claim_id is null
      order by free.place
      limit c.quantity
      for update skip locked
    ) free
    where k.benefit_id = free.benefit_id and k.code = free.code;
    get diagnostics given = row_count;
    if given < c.quantity then
      raise exception 'offer % has no code left', c.benefit_id
        using errcode = 'check_violation', constraint = 'offer_code_for_each', table = 'offer_code';
    end if;
  end loop;
  return null;
end
$$;

create or replace trigger claim_made_has_codes after insert on claim
referencing new table as new_claim for each statement execute function give_codes();
create or replace trigger claim_changed_has_codes after update on claim
referencing new table as new_claim for each statement execute function give_codes();
