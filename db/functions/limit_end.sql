-- The first instant that no longer counts against a limit at an instant. Of a rolling one also what
-- was used in as many days after it counts, because a late upload may come before others. Inlinable;
-- touches nothing.
create or replace function limit_end(period text, days smallint, at timestamptz)
returns timestamptz language sql stable parallel safe as $$
  select case period
    when 'rolling' then at + days * interval '24 hours'
    else period_end(period, at)
  end
$$;
