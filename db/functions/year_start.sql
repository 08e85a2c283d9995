-- The first instant of a calendar year in Asia/Shanghai. Inlinable; touches nothing.
create or replace function year_start(p_year integer) returns timestamptz
language sql immutable parallel safe as $$
  select make_timestamptz(p_year, 1, 1, 0, 0, 0, 'Asia/Shanghai')
$$;
