-- The first instant, not before `earliest`, at which a benefit's window is open: inside its dates,
-- on one of its weekdays, within its hours; null when there is none any more. Whether it is paused
-- is not asked. Reads nothing.
create or replace function next_opening(b benefit, earliest timestamptz) returns timestamptz
language sql stable parallel safe as $$
  select min(greatest(opens, earliest, b.starts_at))
  from generate_series(0, 7) as ahead,
    lateral (
      select (greatest(earliest, b.starts_at) at time zone 'Asia/Shanghai')::date + ahead as today
    ) as calendar,
    lateral (
      select (today + make_interval(mins => b.opens_minute)) at time zone 'Asia/Shanghai' as opens,
        (today + make_interval(mins => b.closes_minute)) at time zone 'Asia/Shanghai' as closes
    ) as hours
  where extract(isodow from today) = any (b.weekdays)
    and closes > greatest(earliest, b.starts_at)
    and greatest(opens, earliest, b.starts_at) < b.ends_at
$$;
