-- Trigger: a claim is never deleted, and so its events need no foreign key. Refuses every DELETE and
-- TRUNCATE of the table, whoever asks.
create or replace function claim_stays() returns trigger language plpgsql as $$
begin
  raise exception 'a claim stays: % refused', lower(tg_op) using errcode = 'restrict_violation';
end
$$;

create or replace trigger claim_stays
  before delete or truncate on claim execute function claim_stays();
