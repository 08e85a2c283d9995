-- Trigger: no transfer is ever dated into a month that is closing or closed (I15), whoever writes it.
-- What is found late is booked in the month it is found in. One look at the months from the earliest
-- on finds none that is not open, as only months that are over are closed.
create or replace function month_is_open() returns trigger language plpgsql as $$
begin
  if exists (
    select from period p
    where p.month >= (select month_of(min(n.at)) from inserted n) and p.state <> 'open'
      and exists (select from inserted n where month_of(n.at) = p.month)
  ) then
    raise exception 'the month of a transfer is closed' using errcode = 'restrict_violation',
      constraint = 'transfer_month_is_open', table = 'transfer';
  end if;
  return null;
end
$$;

create or replace trigger transfer_month_is_open
  after insert on transfer referencing new table as inserted
  for each statement execute function month_is_open();
