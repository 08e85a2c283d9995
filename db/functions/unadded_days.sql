-- The days of a month that were not added up, or on which more was booked since: the ledger only
-- grows, so another number of legs tells. Days are counted from the month's first instant, for
-- Asia/Shanghai has no summer time. Reads the month once; with nobody writing into the month any
-- more its answer stands.
create or replace function unadded_days(p_month date) returns setof date
language sql stable set jit = off as $$
  select day.at::date
  from generate_series(p_month::timestamp, p_month + interval '1 month - 1 day', '1 day') as day (at)
  left join (
    select date_bin('1 day', t.at, day_begin(p_month)) as since, count(*) as legs,
      sum(t.amount_fen) as amount_fen
    from transfer t
    where t.at >= day_begin(p_month) and t.at < day_begin((p_month + interval '1 month')::date)
    group by since
  ) booked on booked.since = day_begin(day.at::date)
  left join ledger_day added on added.day = day.at::date
  where added.day is null
    or (added.legs, added.amount_fen)
      is distinct from (coalesce(booked.legs, 0)::integer, coalesce(booked.amount_fen, 0)::bigint)
  order by day.at
$$;
