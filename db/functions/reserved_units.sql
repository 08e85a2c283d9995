-- How many units a reservation still holds money for: places that are not used yet, also those in
-- devices' hands, or uses that an admission still allows. None once it was released. A plain read,
-- of counters that redeem() moves, in the caller's snapshot.
create or replace function reserved_units(r reservation) returns bigint
language sql stable as $$
  select case
    when r.released_at is not null then 0
    when r.part = 'admission' then (
      select greatest(coalesce(a.cap, 0) - a.used, 0) from benefit_partner a
      where a.benefit_id = r.benefit_id and a.partner_id = r.partner_id)
    when r.part = 'topped' then (
      select a.topped - a.topped_used from allocation a where a.id = r.allocation_id)
    else (
      select a.cap - a.topped - a.used + a.topped_used - a.leased + case when a.leased > 0 then (
        select coalesce(sum(l.units - l.used), 0) from lease l
        where l.allocation_id = a.id and l.returned_at is null) else 0 end
      from allocation a where a.id = r.allocation_id)
  end
$$;
