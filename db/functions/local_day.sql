-- The date in Asia/Shanghai at an instant. Inlinable; touches nothing.
create or replace function local_day(at timestamptz) returns date
language sql stable parallel safe as $$
  select (at at time zone 'Asia/Shanghai')::date
$$;
