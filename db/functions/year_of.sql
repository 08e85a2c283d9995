-- The calendar year of an instant in Asia/Shanghai. Inlinable; touches nothing.
create or replace function year_of(p_at timestamptz) returns integer
language sql stable parallel safe as $$
  select extract(year from p_at at time zone 'Asia/Shanghai')::integer
$$;
