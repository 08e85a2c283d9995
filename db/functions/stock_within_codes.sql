-- Trigger: the sessions of an offer that has codes never have more places together than it has codes, however
-- their caps are set.
create or replace function stock_within_codes() returns trigger language plpgsql as $$
begin
  if exists (select from offer_code k where k.benefit_id = new.benefit_id) and (
    select sum(s.cap) from session s where s.benefit_id = new.benefit_id
  ) > (select count(*) from offer_code k where k.benefit_id = new.benefit_id) then
    raise exception 'offer % has fewer codes', new.benefit_id
      using errcode = 'check_violation', constraint = 'session_within_codes', table = 'session';
  end if;
  return null;
end
$$;

create or replace trigger session_within_codes after insert or update of cap on session
for each row execute function stock_within_codes();
