-- How many uses an admission still allows on the day of an instant; null without a bound, and for a
-- day before the newest it was used on, which nobody counts any more. Inlinable; touches nothing.
create or replace function day_left(a benefit_partner, at timestamptz) returns integer
language sql stable parallel safe as $$
  select case
    when a.cap_a_day is null then null
    when local_day(at) = a.day then a.cap_a_day - a.used_on_day
    when coalesce(local_day(at) > a.day, true) then a.cap_a_day
  end
$$;
