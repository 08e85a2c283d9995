-- Adds up one day of the ledger into its parts, again where it was before, and answers how many legs
-- were booked on it. Safe at any time and twice at once: the day's row is locked first. What is
-- booked on the day afterwards is for unadded_days() to find.
create or replace function add_up_day(p_day date) returns integer language plpgsql as $$
declare
  counted integer;
begin
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
