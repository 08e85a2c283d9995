-- The first step of a close: from the caller's commit on nothing is booked in the month. Answers whether
-- it did; not where somebody began before. The caller saw that the month is over. Waits for whoever is
-- writing transfers, as each of them reads its time under that lock, and holds the next ones back until
-- the caller commits, which he does at once; these find the month shut. Locks transfer, then the month.
create or replace function begin_close(p_month date, p_user text) returns boolean language plpgsql as $$
begin
  lock table transfer in share row exclusive mode;
  insert into period (month, state, closing_at, closing_by)
  values (p_month, 'closing', clock(), p_user)
  on conflict (month) do update
  set state = 'closing', closing_at = clock(), closing_by = p_user
  where period.state = 'open';
  return found;
end
$$;
