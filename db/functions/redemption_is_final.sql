-- Trigger: a redemption is its own audit entry. It is never deleted, and of its columns only
-- `reversed_at` ever changes, from null to an instant, once.
create or replace function redemption_is_final() returns trigger language plpgsql as $$
declare
  is_reversal boolean := false;
begin
  if tg_op = 'UPDATE' then
    is_reversal := old.reversed_at is null and new.reversed_at is not null;
    old.reversed_at := new.reversed_at;
    if is_reversal and old is not distinct from new then
      return new;
    end if;
  end if;
  raise exception 'a redemption is final: % refused', lower(tg_op) using errcode = 'restrict_violation';
end
$$;

create or replace trigger redemption_row_is_final
  before update or delete on redemption for each row execute function redemption_is_final();
create or replace trigger redemption_table_is_final
  before truncate on redemption execute function redemption_is_final();
