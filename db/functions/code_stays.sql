-- Triggers: a code that was given to a claim is that claim's for good, and none is ever taken out of the
-- list, free or not.
create or replace function code_stays() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' or old.claim_id is not null
    or (new.benefit_id, new.code, new.place) <> (old.benefit_id, old.code, old.place)
  then
    raise exception 'a code stays whose it is'
      using errcode = 'restrict_violation', constraint = 'offer_code_stays', table = 'offer_code';
  end if;
  return new;
end
$$;

create or replace trigger offer_code_stays before update or delete on offer_code
for each row execute function code_stays();
