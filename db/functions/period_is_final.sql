-- Trigger: a month goes open, closing, closed, and its row stays for good (I15).
create or replace function period_is_final() returns trigger language plpgsql as $$
begin
  if tg_op = 'UPDATE' and new.month = old.month
    and (old.state, new.state) in (('open', 'closing'), ('closing', 'closed'))
  then
    return new;
  end if;
  raise exception 'a closed month is final: % refused', lower(tg_op) using errcode = 'restrict_violation';
end
$$;

create or replace trigger period_row_is_final
  before update or delete on period for each row execute function period_is_final();
create or replace trigger period_table_is_final
  before truncate on period execute function period_is_final();
