-- The first instant of a day in Asia/Shanghai, and so of a month by its first day. Inlinable.
create or replace function day_begin(p_day date) returns timestamptz
language sql stable parallel safe as $$
  select p_day::timestamp at time zone 'Asia/Shanghai'
$$;
