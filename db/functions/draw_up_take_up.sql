-- Draws up the take-up of one district for one month, and of the next one at the next call: of months of the last year
-- that are over and rolled up, from the first with any use on. False when there is none left. A member belongs to the district whose
-- union he is in at the month's end, and is a user when he used anything in that month that still stands.
--
-- Two lists of the same members: by age and by enterprise. Groups of fewer than ten stand together, and where these are
-- fewer than ten themselves, the smallest of the others joins them: so a list holds no group of fewer than ten, and what
-- it leaves out is nobody. Users are blurred once, here; the exact figures are kept nowhere, so nothing that is asked
-- later, and no list beside another, brings them back. Locks nothing; of two at once, one has its rows.
create or replace function draw_up_take_up() returns boolean language plpgsql
set plan_cache_mode = force_custom_plan
as $$
#variable_conflict use_column
declare
  now timestamptz := clock();
  rolled timestamptz := rolled_through();
  due record;
  since timestamptz;
  until timestamptz;
begin
  select m.month::date as month, d.id as district_id into due
  from generate_series(
    date_trunc('month', now at time zone 'Asia/Shanghai') - interval '12 months',
    date_trunc('month', now at time zone 'Asia/Shanghai') - interval '1 month',
    interval '1 month'
  ) as m (month)
  cross join trade_union d
  where d.level = 2 and isfinite(rolled)
    and m.month::date >= (select date_trunc('month', min(day))::date from use_day)
    and (m.month + interval '1 month') at time zone 'Asia/Shanghai' <= rolled
    and not exists (
      select from take_up t
      where t.month = m.month::date and t.district_id = d.id and t.split = 'none')
  order by m.month, d.id
  limit 1;
  if not found then
    return false;
  end if;
  since := day_begin(due.month);
  until := day_begin((due.month + interval '1 month')::date);

  with person as materialized (
    select u.id as union_id,
      case
        when m.born_on is null then 'unknown'
        when years.count < 30 then 'to_29'
        when years.count < 40 then 'to_39'
        when years.count < 50 then 'to_49'
        when years.count < 60 then 'to_59'
        else 'from_60'
      end as band,
      exists (
        select from redemption r
        where r.cell = m.cell and r.member_id = m.id and r.reversed_at is null
          and r.booked_at >= since and r.booked_at < until
      ) as is_user
    from trade_union u
    join affiliation a on a.union_id = u.id
    join member m on m.cell = a.cell and m.id = a.member_id
    cross join lateral (
      select extract(year from age((until at time zone 'Asia/Shanghai')::date, m.born_on)) as count
    ) years
    where u.district_id = due.district_id
      and a.started_at < until and (a.ended_at is null or a.ended_at >= until)
  ),
  grouped as (
    select 'age' as split, band as key, count(*) as members, count(*) filter (where is_user) as users
    from person group by band
    union all
    select 'enterprise', union_id::text, count(*), count(*) filter (where is_user)
    from person group by union_id
  ),
  ranked as (
    select g.*,
      sum(g.members) filter (where g.members < 10) over (partition by g.split) as small,
      row_number() over (partition by g.split, g.members < 10 order by g.members, g.key) as nth
    from grouped g
  ),
  merged as (
    select r.split, is_rest, min(r.key) as key, array_agg(r.key order by r.key) as keys,
      sum(r.members) as members, sum(r.users) as users
    from ranked r
    cross join lateral (
      select r.members < 10 or (coalesce(r.small, 10) < 10 and r.nth = 1) as is_rest) x
    group by r.split, is_rest, case when not is_rest then r.key end
  )
  insert into take_up (
    month, district_id, split, place, bands, union_id, groups, members, users
  )
  select due.month, due.district_id, g.split,
    row_number() over (partition by g.split order by g.is_rest, g.members desc, g.key),
    case when g.split = 'age' then g.keys end,
    case when g.split = 'enterprise' and not g.is_rest then g.key::integer end,
    cardinality(g.keys), most.members, blurred(g.users::integer, blur_noise(), most.members)
  from merged g
  cross join lateral (select (5 * round(g.members / 5.0))::integer as members) most
  where g.members >= 10
  union all
  select due.month, due.district_id, 'none', 0, null, null, 0, 0, 0
  on conflict do nothing;
  return true;
end
$$;
