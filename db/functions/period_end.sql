-- The first instant after the day, week (from Monday), month or total that contains `at`, in
-- Asia/Shanghai. Inlinable; touches nothing.
create or replace function period_end(period text, at timestamptz) returns timestamptz
language sql stable parallel safe as $$
  select case period
    when 'total' then 'infinity'
    else (date_trunc(period, at at time zone 'Asia/Shanghai') + ('1 ' || period)::interval)
      at time zone 'Asia/Shanghai'
  end
$$;
