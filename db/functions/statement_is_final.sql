-- Trigger: a statement is written while its month is closing and never deleted; of its columns only
-- what people do with it changes, each from null to its value, once.
create or replace function statement_is_final() returns trigger language plpgsql as $$
declare
  was jsonb;
  field text;
begin
  if tg_op = 'INSERT' then
    if exists (select from period where month = new.month and state = 'closing') then
      return new;
    end if;
  elsif tg_op = 'UPDATE' then
    was := to_jsonb(old);
    foreach field in array array[
      'confirmed_at', 'confirmed_by', 'other_confirmed_at', 'other_confirmed_by', 'invoice_number',
      'invoiced_at', 'payable_fen', 'bank_reference', 'paid_on', 'paid_at'
    ] loop
      if was -> field = 'null' then
        was := was || jsonb_build_object(field, to_jsonb(new) -> field);
      end if;
    end loop;
    if was = to_jsonb(new) then
      return new;
    end if;
  end if;
  raise exception 'a statement is final: % refused', lower(tg_op) using errcode = 'restrict_violation';
end
$$;

create or replace trigger statement_row_is_final
  before insert or update or delete on statement for each row execute function statement_is_final();
create or replace trigger statement_table_is_final
  before truncate on statement execute function statement_is_final();
