-- Fills up what a device may spend without a network, and answers its open leases that are not
-- over. For each benefit with a policy that can be had at its outlet, it gets up to `units` unused
-- ones, as long as all devices together hold no more than half of what is unused of the shared
-- pool: those who ask online keep the rest, however many devices there are. Asked twice it gives
-- nothing more, but time. A paused benefit, one that is claimed before, one without a policy, and one that its partner's
-- admission does not give here or not without a network, is not renewed. A lease ends with the
-- quota period it came from, and what is unused of it goes back then. No rows for a revoked device.
-- Takes back due leases first, its own too. Locks the device, then the shared allocations in id
-- order, then leases in id order; another's lease that is spent meanwhile only makes it give less.
create or replace function renew_leases(p_device integer)
returns table (lease integer, benefit integer, units integer, used integer, expires_at timestamptz)
language plpgsql as $$
#variable_conflict use_column
declare
  now timestamptz;
  host device;
  grants jsonb;
  pools integer[];
  outlived integer[];
  outlived_pools integer[];
begin
  select * into host from device d where d.id = p_device for no key update;
  if host.id is null or host.revoked_at is not null then
    return;
  end if;
  now := clock();

  select jsonb_agg(
    jsonb_build_object(
      'benefit', b.id, 'pool', a.id, 'units', p.units,
      'expires', least(
        now + p.hours * interval '1 hour', b.ends_at, period_end(b.quota_period, now)
      )
    )
    order by a.id
  ), array_agg(a.id)
  into grants, pools
  from outlet t
  join partner company on company.id = t.partner_id
    and company.paused_at is null and company.ended_at is null
  join benefit_partner admitted on admitted.partner_id = t.partner_id
    and admitted.state = 'live' and admitted.is_offline_allowed
    and (admitted.outlet_ids is null or t.id = any (admitted.outlet_ids))
  join benefit b on b.id = admitted.benefit_id
  join offline_policy p on p.benefit_id = b.id
  join allocation a on a.benefit_id = b.id and a.district_id is null
    and a.starts_at = period_start(b.quota_period, now)
  where t.id = host.outlet_id and b.claim_kind is null
    and (t.closed_at is null or t.closed_at > now)
    and b.stage = 'published' and b.paused_at is null and b.starts_at <= now and b.ends_at > now
    and (b.valid_districts is null or t.district_id = any (b.valid_districts));

  -- What is left of a month that is over goes back, so that the new month's can be had.
  select array_agg(l.id), array_agg(l.allocation_id) into outlived, outlived_pools
  from lease l join benefit b on b.id = l.benefit_id join allocation a on a.id = l.allocation_id
  where l.device_id = p_device and l.returned_at is null
    and a.starts_at < period_start(b.quota_period, now);
  pools := pools || outlived_pools;

  perform from allocation a where a.id = any (pools) order by a.id for no key update;
  perform from take_back_leases(outlived, now);
  perform from return_due_leases(pools, now);
  perform from lease l
  where l.device_id = p_device and l.returned_at is null order by l.id for no key update;

  with fair as materialized (
    select g.*, a.id as allocation_id, own.id as lease_id, greatest(
      least(
        g.units - coalesce(own.units - own.used, 0),
        (own_left(a) + held.units) / 2 - held.units
      ),
      0
    ) as more
    from jsonb_to_recordset(grants) as g (
      benefit integer, pool integer, units integer, expires timestamptz
    )
    join allocation a on a.id = g.pool
    left join lease own
      on own.device_id = p_device and own.benefit_id = g.benefit and own.returned_at is null
    cross join lateral (
      select coalesce(sum(l.units - l.used), 0)::integer as units
      from lease l where l.allocation_id = a.id and l.returned_at is null
    ) held
  ),
  -- Not by a conflict of an insert, each of which would use up a number for good.
  renewed as (
    update lease l set units = l.units + f.more,
      expires_at = f.expires, returns_at = f.expires + interval '12 hours'
    from fair f where l.id = f.lease_id
  ),
  given as (
    insert into lease (
      device_id, benefit_id, allocation_id, units, granted_at, expires_at, returns_at
    )
    select p_device, f.benefit, f.allocation_id, f.more, now, f.expires,
      f.expires + interval '12 hours'
    from fair f where f.lease_id is null and f.more > 0
  )
  update allocation a set leased = a.leased + f.more
  from fair f where a.id = f.allocation_id and f.more > 0;

  return query
  select l.id, l.benefit_id, l.units, l.used, l.expires_at
  from lease l
  where l.device_id = p_device and l.returned_at is null and l.expires_at > now
  order by l.benefit_id;
end
$$;
