-- Sets an admission's counters to what its redemptions say: to be called before it is given its first
-- cap, in the same transaction. Redemptions count as soon as there is a cap; so it waits for those
-- under way, and nothing is missed. Locks the benefit's allocations, home before shared, then the
-- admission, as redeem does.
create or replace function count_admission(p_benefit integer, p_partner integer) returns void
language plpgsql as $$
begin
  perform from allocation a where a.benefit_id = p_benefit
  order by a.district_id is null, a.id
  for no key update;
  perform from benefit_partner a where a.benefit_id = p_benefit and a.partner_id = p_partner
  for no key update;
  update benefit_partner a set used = c.used, day = c.day, used_on_day = c.used_on_day
  from (
    select coalesce(sum(u.units), 0) as used, max(u.day) as day,
      coalesce((array_agg(u.units order by u.day desc))[1], 0) as used_on_day
    from (
      select local_day(r.at) as day, sum(r.quantity) as units
      from redemption r
      join outlet t on t.id = r.outlet_id and t.partner_id = p_partner
      where r.benefit_id = p_benefit and r.variance is null and r.reversed_at is null
      group by local_day(r.at)
    ) u
  ) c
  where a.benefit_id = p_benefit and a.partner_id = p_partner;
end
$$;
