-- The first instant that counts against a limit at an instant: of the calendar's period, or of the
-- `days` times 24 hours before it. Inlinable; touches nothing.
create or replace function limit_start(period text, days smallint, at timestamptz)
returns timestamptz language sql stable parallel safe as $$
  select case period
    when 'rolling' then at - days * interval '24 hours' + interval '1 microsecond'
    else period_start(period, at)
  end
$$;
