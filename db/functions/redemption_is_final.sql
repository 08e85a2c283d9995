-- Trigger: a redemption is its own audit entry. It is never deleted, and of its columns only these
-- ever change: `reversed_at`, from null to an instant, once; and before that `variance`, of what a
-- device did without a network, when an earlier use turns up or makes room, and with it what the
-- member and the partner bear.
create or replace function redemption_is_final() returns trigger language plpgsql as $$
declare
  is_reversal boolean := false;
  is_settling boolean := false;
begin
  if tg_op = 'UPDATE' then
    is_reversal := old.reversed_at is null and new.reversed_at is not null
      and new.variance is not distinct from old.variance;
    is_settling := old.reversed_at is null and new.reversed_at is null
      and old.device_id is not null and new.variance is distinct from old.variance;
    old.reversed_at := new.reversed_at;
    old.variance := new.variance;
    if is_settling then
      old.co_payment_fen := new.co_payment_fen;
      old.discount_fen := new.discount_fen;
    end if;
    if (is_reversal or is_settling) and old is not distinct from new then
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
