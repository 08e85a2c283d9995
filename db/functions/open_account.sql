-- Trigger: every union and every partner has its accounts from the moment it exists, so that a
-- redemption always finds its payers and its payee.
create or replace function open_account() returns trigger language plpgsql as $$
begin
  if tg_table_name = 'partner' then
    insert into account (partner_id, kind) values
      (new.id, 'payable'), (new.id, 'counter'), (new.id, 'discount');
  else
    insert into account (union_id, kind) values (new.id, 'budget'), (new.id, 'variance');
  end if;
  return null;
end
$$;

create or replace trigger trade_union_account
  after insert on trade_union for each row execute function open_account();
create or replace trigger partner_account
  after insert on partner for each row execute function open_account();
