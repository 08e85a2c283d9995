-- Adds up one day of the ledger into its parts, again where it was before, and answers how many legs
-- were booked on it; null, and nothing done, where another run has closed its month meanwhile. Safe at
-- any time and twice at once: locks the month against its close, then the day's row. What is booked on
-- the day afterwards is for unadded_days() to find.
create or replace function add_up_day(p_day date) returns integer language plpgsql as $$
declare
  counted integer;
begin
  perform from period p where p.month = date_trunc('month', p_day)::date for share;
  if exists (
    select from period p where p.month = date_trunc('month', p_day)::date and p.state = 'closed'
  ) then
    return null;
  end if;
  insert into ledger_day (day, legs, amount_fen) values (p_day, -1, 0)
  on conflict (day) do update set legs = -1;
  delete from ledger_part where day = p_day;
  -- Counted first: what is booked between the two statements makes the day differ, not agree.
  update ledger_day d set legs = booked.legs, amount_fen = booked.amount_fen
  from (
    select count(*)::integer as legs, coalesce(sum(t.amount_fen), 0)::bigint as amount_fen
    from transfer t
    where t.at >= day_begin(p_day) and t.at < day_begin(p_day + 1)
  ) booked
  where d.day = p_day
  returning d.legs into counted;
  insert into ledger_part select * from day_parts(p_day);
  return counted;
end
$$;
