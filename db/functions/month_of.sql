-- The month in Asia/Shanghai that an instant is booked in, by its first day. Inlinable; touches nothing.
create or replace function month_of(at timestamptz) returns date
language sql stable parallel safe as $$
  select date_trunc('month', at at time zone 'Asia/Shanghai')::date
$$;
