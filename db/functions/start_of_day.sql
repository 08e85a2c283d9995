-- The first instant of a date in Asia/Shanghai. Inlinable; touches nothing.
create or replace function start_of_day(day date) returns timestamptz
language sql stable parallel safe as $$
  select day::timestamp at time zone 'Asia/Shanghai'
$$;
