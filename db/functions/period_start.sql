-- The first instant of the day, week (from Monday), month or total that contains `at`, in
-- Asia/Shanghai. Inlinable; touches nothing. With period_end it is the half-open interval in which
-- a member's limit counts.
create or replace function period_start(period text, at timestamptz) returns timestamptz
language sql stable parallel safe as $$
  select case period
    when 'total' then '-infinity'
    else date_trunc(period, at at time zone 'Asia/Shanghai') at time zone 'Asia/Shanghai'
  end
$$;
