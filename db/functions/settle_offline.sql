-- Judges anew what devices did without a network, after these redemptions joined it: of the same
-- member and benefit the earliest scan wins, by (at, id), whatever was uploaded first; so the end
-- does not depend on the order of uploads (I11). A use that an online one, or an earlier one here,
-- leaves no pass, limit or place for becomes a variance; one that has room again is a use like any
-- other. An answered online redemption stands, and so do reversed ones, what a union decided, and
-- every other variance, and whatever was booked in a month that is no longer open. What a category
-- limit or an admission's cap leaves no room for stays a variance; these count as uses arrive.
-- Places, transfers and the verdicts of the scans follow; leases do not, because a variance spends
-- them too. The terms are today's.
--
-- The caller holds the members, the allocations of uses without a lease, and admissions with a cap.
-- Locks nothing more that anybody waits for: the rows it changes are these members'. A constant
-- number of statements, and a few more for what changes.
create or replace function settle_offline(p_redemptions uuid[]) returns void language plpgsql
set plan_cache_mode = force_generic_plan
set join_collapse_limit = 1
set enable_hashjoin = off
set enable_mergejoin = off
set enable_seqscan = off
set enable_material = off
as $$
#variable_conflict use_column
declare
  now timestamptz;
  one record;
  owner text := '';
  period timestamptz;
  used integer;
  passes text[];
  times timestamptz[];
  units integer[];
  funded record;
  taken jsonb := '{}';
  reason text;
  cells smallint[];
  ids uuid[];
  reasons text[];
begin
  -- Whoever closes a month waits for this, so that the time below is of a month that is open.
  lock table transfer in row exclusive mode;
  now := clock();
  for one in
    with touched as (
      select n.cell, n.member_id, n.benefit_id, min(n.at) - interval '70 seconds' as at
      from unnest(p_redemptions) given (id)
      join redemption n on n.cell = cell_of(given.id) and n.id = given.id
      group by n.cell, n.member_id, n.benefit_id
    ),
    -- A pass lives seventy seconds: nothing earlier than those before the period can be in anybody's
    -- way, and what is in them stands, because not all of its own period is here. `offset` keeps the
    -- planner to the index of a member's own.
    own as (
      select r.*, b.limit_period, b.limit_days, limit_of(b, m.family_size, 'phone') as limit_count,
        case when b.limit_period <> 'rolling' then period_start(b.limit_period, r.at) end as period,
        r.at < case
          when b.limit_period = 'rolling' then t.at else period_start(b.limit_period, t.at)
        end
          or exists (
            select from period p where p.month = month_of(r.booked_at) and p.state <> 'open'
          ) as is_before
      from touched t
      join benefit b on b.id = t.benefit_id
      join member m on m.cell = t.cell and m.id = t.member_id
      cross join lateral (
        select n.* from redemption n
        where n.cell = t.cell and n.member_id = t.member_id
          and n.booked_at >= limit_start(b.limit_period, b.limit_days, t.at) - interval '70 seconds'
        offset 0
      ) r
      where r.benefit_id = t.benefit_id
        and r.at >= limit_start(b.limit_period, b.limit_days, t.at) - interval '70 seconds'
    )
    select u.*, u.placed + case
        when u.is_topped then topped_left(a)
        else own_left(a)
      end as places
    from (
      select o.*,
        o.cell || '/' || o.member_id || '/' || o.benefit_id as owner,
        o.card_number || '/' || o.jti as pass,
        o.allocation_id || '/' || o.is_topped as pool,
        coalesce(
          sum(o.quantity) filter (
            where (o.device_id is null or o.is_before)
              and o.variance is null and o.reversed_at is null
          ) over (partition by o.cell, o.member_id, o.benefit_id, o.period), 0
        ) as used_online,
        array_agg(o.at) filter (
          where o.limit_period = 'rolling' and (o.device_id is null or o.is_before)
            and o.variance is null and o.reversed_at is null
        ) over (partition by o.cell, o.member_id, o.benefit_id) as online_at,
        array_agg(o.quantity::integer) filter (
          where o.limit_period = 'rolling' and (o.device_id is null or o.is_before)
            and o.variance is null and o.reversed_at is null
        ) over (partition by o.cell, o.member_id, o.benefit_id) as online_units,
        bool_or(
          o.variance is null and (o.device_id is null or o.reversed_at is not null or o.is_before)
        ) over (partition by o.cell, o.card_number, o.jti, o.benefit_id) as is_pass_taken,
        coalesce(
          sum(o.quantity) filter (
            where o.device_id is not null and o.lease_id is null and o.variance is null
              and o.reversed_at is null and not o.is_before
          ) over (partition by o.allocation_id, o.is_topped), 0
        ) as placed
      from own o
    ) u
    join allocation a on a.id = u.allocation_id
    where u.device_id is not null and u.reversed_at is null and not u.is_before
      and coalesce(u.variance, 'limit_reached')
        in ('pass_already_used', 'limit_reached', 'category_limit_reached',
          'partner_day_cap_reached', 'partner_cap_reached', 'quota_exhausted')
      and not exists (
        select from offline_item i
        where i.cell = u.cell and i.redemption_id = u.id and i.decision is not null
          -- Not by a decision about a copy of it, which was held and booked nothing.
          and i.verdict in ('duplicate', 'over_limit')
      )
    order by u.cell, u.member_id, u.benefit_id, u.at, u.id
  loop
    if one.owner <> owner then
      owner := one.owner;
      period := null;
      used := one.used_online;
      passes := '{}';
      times := one.online_at;
      units := one.online_units;
    end if;
    if one.limit_period = 'rolling' then
      select coalesce(sum(u.units), 0) into used
      from unnest(times, units) as u (at, units)
      where u.at >= limit_start(one.limit_period, one.limit_days, one.at)
        and u.at < limit_end(one.limit_period, one.limit_days, one.at);
    elsif one.period is distinct from period then
      period := one.period;
      used := one.used_online;
    end if;
    reason := case
      when one.is_pass_taken or one.pass = any (passes) then 'pass_already_used'
      when used + one.quantity > one.limit_count then 'limit_reached'
      when one.lease_id is null
        and coalesce((taken ->> one.pool)::integer, 0) + one.quantity > one.places
        then 'quota_exhausted'
    end;
    if coalesce(reason, 'quota_exhausted') = 'quota_exhausted' and one.variance is not null then
      reason := coalesce(room_refusal(one.cell, one.id, cells, ids, reasons), reason);
    end if;
    if reason is null then
      used := used + one.quantity;
      passes := passes || one.pass;
      times := times || one.at;
      units := units || one.quantity::integer;
      if one.lease_id is null then
        taken := jsonb_set(taken, array[one.pool], to_jsonb(
          coalesce((taken ->> one.pool)::integer, 0) + one.quantity
        ));
      end if;
    end if;
    if reason is distinct from one.variance then
      cells := cells || one.cell;
      ids := ids || one.id;
      reasons := reasons || reason;
    end if;
  end loop;
  if ids is null then
    return;
  end if;

  -- Places and money first, while the rows still say what they were.
  update allocation a
  set used = a.used + moved.units, topped_used = a.topped_used + moved.topped
  from (
    select r.allocation_id,
      sum(case when f.reason is null then r.quantity else -r.quantity end) as units,
      sum(
        case when not r.is_topped then 0 when f.reason is null then r.quantity else -r.quantity end
      ) as topped
    from unnest(cells, ids, reasons) as f (cell, id, reason)
    join redemption r on r.cell = f.cell and r.id = f.id
    where r.lease_id is null and (f.reason is null) <> (r.variance is null)
    group by r.allocation_id
  ) moved
  where a.id = moved.allocation_id;

  update benefit_partner a
  set used = a.used + moved.units,
    used_on_day = a.used_on_day + moved.on_day
  from (
    select r.benefit_id, t.partner_id,
      sum(case when f.reason is null then r.quantity else -r.quantity end) as units,
      coalesce(
        sum(case when f.reason is null then r.quantity else -r.quantity end)
          filter (where local_day(r.at) = p.day), 0
      ) as on_day
    from unnest(cells, ids, reasons) as f (cell, id, reason)
    join redemption r on r.cell = f.cell and r.id = f.id
    join outlet t on t.id = r.outlet_id
    join benefit_partner p on p.benefit_id = r.benefit_id and p.partner_id = t.partner_id
    where (f.reason is null) <> (r.variance is null) and num_nonnulls(p.cap, p.cap_a_day) > 0
    group by r.benefit_id, t.partner_id
  ) moved
  where a.benefit_id = moved.benefit_id and a.partner_id = moved.partner_id;

  -- The split of those that are uses like any other from now on.
  select l.* into funded
  from redeem_legs(
    array(
      select jsonb_populate_record(
        null::redeem_item_4,
        to_jsonb(r) || jsonb_build_object(
          'funding', b.funding, 'partner_id', t.partner_id, 'host_id', t.district_id,
          'headquarters_id', p.union_id, 'payee_id', payee.id, 'ord', f.ord
        )
      )
      from unnest(cells, ids, reasons) with ordinality as f (cell, id, reason, ord)
      join redemption r on r.cell = f.cell and r.id = f.id
      join benefit b on b.id = r.benefit_id
      join outlet t on t.id = r.outlet_id
      join partner p on p.id = t.partner_id
      join account payee on payee.partner_id = t.partner_id and payee.kind = 'payable'
      order by f.ord
    ),
    array(
      select case when f.reason is null and not r.is_topped then r.allocation_id end
      from unnest(cells, ids, reasons) with ordinality as f (cell, id, reason, ord)
      join redemption r on r.cell = f.cell and r.id = f.id
      order by f.ord
    ),
    null, null
  ) l;

  with flip as materialized (
    select r.*, f.reason, b.funding, payee.id as payee_id, p.union_id as headquarters_id,
      payer.id as next_id,
      coalesce((
        select max(t.leg) from transfer t
        where t.cell = r.cell and t.redemption_id = r.id and t.kind = 'redemption'
      ), 0) as legs
    from unnest(cells, ids, reasons) as f (cell, id, reason)
    join redemption r on r.cell = f.cell and r.id = f.id
    join allocation a on a.id = r.allocation_id
    join benefit b on b.id = r.benefit_id
    join outlet t on t.id = r.outlet_id
    join partner p on p.id = t.partner_id
    join account payee on payee.partner_id = t.partner_id and payee.kind = 'payable'
    left join offline_policy y on y.benefit_id = r.benefit_id
    left join account payer on payer.kind = case when f.reason is null then 'budget' else 'variance' end
      and payer.union_id = case
        when f.reason is not null then variance_payer(y, b, t)
        when r.is_topped then a.district_id
        else a.union_id
      end
  ),
  live as materialized (
    select f.next_id, f.reason, there.*
    from flip f
    join transfer there on there.cell = f.cell and there.redemption_id = f.id
      and there.kind = 'redemption'
    where not exists (
      select from transfer back
      where back.cell = f.cell and back.redemption_id = f.id
        and back.kind = 'reversal' and back.leg = there.leg
    )
  ),
  -- From one reason to another, whoever bears it still does: nothing moves.
  moving as materialized (
    select f.* from flip f
    where f.reason is null or f.variance is null or f.next_id is distinct from (
      select l.payer_id from live l where l.cell = f.cell and l.redemption_id = f.id
    )
  )
  insert into transfer (
    cell, redemption_id, kind, leg, payer_id, payee_id, creditor_id, amount_fen, at
  )
  select l.cell, l.redemption_id, 'reversal', l.leg, l.payee_id, l.payer_id, l.creditor_id,
    l.amount_fen, now
  from moving m join live l on l.cell = m.cell and l.redemption_id = m.id
  union all
  select m.cell, m.id, 'redemption', m.legs + 1, m.next_id, m.payee_id, m.headquarters_id,
    m.price_fen::bigint * m.quantity, now
  from moving m
  where m.next_id is not null and m.price_fen > 0
    and (m.reason is not null or m.funding is null or m.is_topped)
  union all
  select m.cell, m.id, 'redemption', m.legs + l.leg, l.payer_id, l.payee_id, l.creditor_id,
    l.amount_fen, now
  from unnest(
    funded.ids, funded.legs, funded.payers, funded.payees, funded.creditors, funded.amounts
  ) as l (id, leg, payer_id, payee_id, creditor_id, amount_fen)
  join moving m on m.id = l.id;

  -- A pass goes from one to the other: first it is let go.
  update redemption r set variance = f.reason, co_payment_fen = 0, discount_fen = 0
  from unnest(cells, ids, reasons) as f (cell, id, reason)
  where r.cell = f.cell and r.id = f.id and f.reason is not null;
  update redemption r set variance = null, co_payment_fen = coalesce(funded.co_payments[f.ord], 0),
    discount_fen = coalesce(funded.discounts[f.ord], 0)
  from unnest(cells, ids, reasons) with ordinality as f (cell, id, reason, ord)
  where r.cell = f.cell and r.id = f.id and f.reason is null;

  update offline_item i set
    verdict = case f.reason
      when 'pass_already_used' then 'duplicate'
      else case when f.reason is null then 'accepted' else 'over_limit' end
    end,
    reason = f.reason
  from unnest(cells, ids, reasons) as f (cell, id, reason)
  where i.cell = f.cell and i.redemption_id = f.id
    and i.verdict in ('accepted', 'duplicate', 'over_limit');
end
$$;
