-- The days of a month that have to be added up before its statements: those that never were and all
-- after the first of them, and those on which more was booked since. A day never holds fewer legs than
-- were counted, so where the days before have as many together, each of them has, and one plain count
-- is enough. Days are counted from the month's first instant, for Asia/Shanghai has no summer time.
-- Reads the month; with nobody writing into it any more the answer stands.
create or replace function unadded_days(p_month date) returns setof date
language plpgsql stable set jit = off as $$
declare
  month_end date := p_month + interval '1 month';
  first_missing date;
begin
  select coalesce(min(day.at)::date, month_end) into first_missing
  from generate_series(p_month::timestamp, month_end - interval '1 day', '1 day') as day (at)
  where not exists (select from ledger_day d where d.day = day.at::date);

  if (
    select count(*) from transfer t
    where t.at >= day_begin(p_month) and t.at < day_begin(first_missing)
  ) <> (
    select coalesce(sum(d.legs), 0) from ledger_day d
    where d.day >= p_month and d.day < first_missing
  ) then
    return query
      select d.day from ledger_day d
      left join (
        select date_bin('1 day', t.at, day_begin(p_month)) as since, count(*) as legs
        from transfer t
        where t.at >= day_begin(p_month) and t.at < day_begin(first_missing)
        group by since
      ) booked on booked.since = day_begin(d.day)
      where d.day >= p_month and d.day < first_missing and d.legs <> coalesce(booked.legs, 0)
      order by d.day;
  end if;
  return query
    select day.at::date
    from generate_series(first_missing::timestamp, month_end - interval '1 day', '1 day') as day (at)
    order by day.at;
end
$$;
