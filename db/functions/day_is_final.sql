-- Trigger: the sums of a closed month's days are what its statements were made of, and stay (I15).
create or replace function day_is_final() returns trigger language plpgsql as $$
begin
  if exists (
    select from period p
    where p.state = 'closed'
      and p.month in (date_trunc('month', new.day)::date, date_trunc('month', old.day)::date)
  ) then
    raise exception 'a day of a closed month is final: % refused', lower(tg_op)
      using errcode = 'restrict_violation';
  end if;
  return coalesce(new, old);
end
$$;

create or replace trigger ledger_day_is_final
  before insert or update or delete on ledger_day for each row execute function day_is_final();
create or replace trigger ledger_part_is_final
  before insert or update or delete on ledger_part for each row execute function day_is_final();
