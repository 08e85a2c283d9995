-- The day on which a union will have used up an amount in fen, if it goes on bearing as much a day as in the four weeks
-- before today (Asia/Shanghai), which weighs every weekday alike; null when it bore nothing. A plain read.
create or replace function burn_end(p_union integer, p_left_fen bigint)
returns date language sql stable as $$
  select t.day + ceil(greatest(p_left_fen, 0) * 28.0 / nullif(greatest(b.fen, 0), 0))::integer
  from (select local_day(clock()) as day) t
  cross join lateral borne_fen(p_union, start_of_day(t.day - 28), start_of_day(t.day)) b (fen)
  -- Beyond a century it is no day that anybody plans for.
  where greatest(p_left_fen, 0) * 28.0 < greatest(b.fen, 0) * 36500.0
$$;
