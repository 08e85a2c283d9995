-- Trigger: a claim moves forward only, and keeps whose it is, of what, and how many units it is of. What
-- is as it should be the trigger's own condition lets by, at a tenth of the time of a call, which a draw
-- of thousands would pay for each of them.
create or replace function claim_moves() returns trigger language plpgsql as $$
begin
  if new.state <> old.state and not claim_may(old.state, new.state) then
    raise exception 'a claim does not go from % to %', old.state, new.state
      using errcode = 'check_violation', constraint = 'claim_moves_forward', table = 'claim';
  end if;
  if (new.cell, new.id, new.member_id, new.benefit_id, new.union_id, new.quantity, new.made_at)
    <> (old.cell, old.id, old.member_id, old.benefit_id, old.union_id, old.quantity, old.made_at)
  then
    raise exception 'a claim keeps its content'
      using errcode = 'check_violation', constraint = 'claim_keeps_content', table = 'claim';
  end if;
  return new;
end
$$;

create or replace trigger claim_moves_forward before update on claim
for each row when (
  (new.state <> old.state and not claim_may(old.state, new.state))
  or (new.cell, new.id, new.member_id, new.benefit_id, new.union_id, new.quantity, new.made_at)
    <> (old.cell, old.id, old.member_id, old.benefit_id, old.union_id, old.quantity, old.made_at)
)
execute function claim_moves();
