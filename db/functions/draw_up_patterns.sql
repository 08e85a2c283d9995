-- Looks for what is unusual about the outlets' uses of one local day, the next after the last; false when no day is left
-- that is over and rolled up. Uses that were undone by then are left out. again: the member had used this partner at least
-- four times in the seven days before. apart: he was last at another outlet, two kilometres away or more, and would have
-- had to travel at more than 120 km/h. at_close: in the last quarter of an hour of the outlet's hours, or after it.
-- Locks the roll-up's row, and gives way to who holds it.
create or replace function draw_up_patterns() returns boolean language plpgsql
set plan_cache_mode = force_custom_plan
as $$
#variable_conflict use_column
declare
  state roll_up;
  today date;
  since timestamptz;
  until timestamptz;
begin
  select * into state from roll_up for no key update skip locked;
  if not found or day_begin(state.patterned + 2) > state.through then
    return false;
  end if;
  today := state.patterned + 1;
  since := day_begin(today);
  until := day_begin(today + 1);

  insert into outlet_pattern (day, outlet_id, uses, in_a_minute, again, apart, at_close)
  select today, f.outlet_id, count(*), max(f.in_the_minute), count(*) filter (where f.is_again),
    count(*) filter (where f.is_apart), count(*) filter (where f.is_at_close)
  from (
    select r.outlet_id,
      count(*) over (partition by r.outlet_id, date_trunc('minute', r.at)) as in_the_minute,
      (
        select count(*) >= 4
        from redemption e
        join outlet t on t.id = e.outlet_id
        where e.cell = r.cell and e.member_id = r.member_id and e.reversed_at is null
          and e.booked_at >= since - interval '7 days' and e.booked_at < r.booked_at
          and t.partner_id = o.partner_id
      ) as is_again,
      coalesce(
        distance_metres(o.latitude, o.longitude, last.latitude, last.longitude)
          > greatest(2000, extract(epoch from r.at - last.at) * 120 / 3.6), false) as is_apart,
      coalesce(
        extract(hour from local.at) * 60 + extract(minute from local.at) >= closes.minute - 15, false
      ) as is_at_close
    from redemption r
    join outlet o on o.id = r.outlet_id
    cross join lateral (select r.at at time zone 'Asia/Shanghai' as at) local
    cross join lateral (
      select (o.hours -> (extract(isodow from local.at)::integer - 1) ->> 'closes')::integer as minute
    ) closes
    left join lateral (
      select e.at, t.latitude, t.longitude
      from redemption e
      join outlet t on t.id = e.outlet_id
      where e.cell = r.cell and e.member_id = r.member_id and e.reversed_at is null
        and e.booked_at >= since - interval '1 day' and e.booked_at < until
        and e.at < r.at and e.outlet_id <> r.outlet_id
      order by e.at desc
      limit 1
    ) last on true
    where r.booked_at >= since and r.booked_at < until
      and (r.reversed_at is null or r.reversed_at >= until)
  ) f
  group by f.outlet_id
  on conflict do nothing;
  update roll_up set patterned = today;
  return true;
end
$$;
