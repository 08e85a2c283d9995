-- The day on which a union will have used up what is left of a year's budget, if it goes on bearing as much a day as in the
-- four weeks before today, which weighs every weekday alike; null when it lasts to the end of that year, and for a year
-- that is not running. A plain read.
create or replace function burn_end(p_union integer, p_year integer, p_left_fen bigint)
returns date language sql stable as $$
  select e.day
  from (select local_day(clock()) as day) t
  cross join lateral (select greatest(four_weeks_fen(p_union), 0) as fen) b
  cross join lateral (
    select t.day + ceil(greatest(p_left_fen, 0) * 28.0 / nullif(b.fen, 0))::integer as day
    -- Far beyond any year, where a day is no date any more.
    where greatest(p_left_fen, 0) * 28.0 < b.fen * 36500.0
  ) e
  where year_of(clock()) = p_year and date_part('year', e.day) = p_year
$$;
