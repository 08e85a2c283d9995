-- Judges anew what devices did without a network, after these redemptions joined it: of the same
-- member and benefit the earliest scan wins, by (at, id), whatever was uploaded first; so the end
-- does not depend on the order of uploads (I11). A use that an online one, or an earlier one here,
-- leaves no pass, limit or place for becomes a variance; one that has room again is a use like any
-- other. An answered online redemption stands, and so do reversed ones, what a union decided, and
-- every other variance. Places, transfers and the verdicts of the scans follow; leases do not,
-- because a variance spends them too. The terms are today's.
--
-- The caller holds the members, and the allocations of uses without a lease. Locks nothing more that
-- anybody waits for: the rows it changes are these members'. A constant number of statements.
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
  now timestamptz := clock();
  one record;
  owner text := '';
  period timestamptz;
  used integer;
  passes text[];
  taken jsonb := '{}';
  reason text;
  cells smallint[];
  ids uuid[];
  reasons text[];
begin
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
      select r.*, b.limit_count, period_start(b.limit_period, r.at) as period,
        r.at < period_start(b.limit_period, t.at) as is_before
      from touched t
      join benefit b on b.id = t.benefit_id
      cross join lateral (
        select n.* from redemption n
        where n.cell = t.cell and n.member_id = t.member_id
          and n.booked_at >= period_start(b.limit_period, t.at) - interval '70 seconds'
        offset 0
      ) r
      where r.benefit_id = t.benefit_id
        and r.at >= period_start(b.limit_period, t.at) - interval '70 seconds'
    )
    select u.*, a.cap - a.used - a.leased + u.placed as places
    from (
      select o.*,
        o.cell || '/' || o.member_id || '/' || o.benefit_id as owner,
        o.card_number || '/' || o.jti as pass,
        coalesce(
          sum(o.quantity) filter (
            where o.device_id is null and o.variance is null and o.reversed_at is null
          ) over (partition by o.cell, o.member_id, o.benefit_id, o.period), 0
        ) as used_online,
        bool_or(
          o.variance is null and (o.device_id is null or o.reversed_at is not null or o.is_before)
        ) over (partition by o.cell, o.card_number, o.jti, o.benefit_id) as is_pass_taken,
        coalesce(
          sum(o.quantity) filter (
            where o.device_id is not null and o.lease_id is null and o.variance is null
              and o.reversed_at is null and not o.is_before
          ) over (partition by o.allocation_id), 0
        ) as placed
      from own o
    ) u
    join allocation a on a.id = u.allocation_id
    where u.device_id is not null and u.reversed_at is null and not u.is_before
      and coalesce(u.variance, 'limit_reached')
        in ('pass_already_used', 'limit_reached', 'quota_exhausted')
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
      passes := '{}';
    end if;
    if one.period is distinct from period then
      period := one.period;
      used := one.used_online;
    end if;
    reason := case
      when one.is_pass_taken or one.pass = any (passes) then 'pass_already_used'
      when used + one.quantity > one.limit_count then 'limit_reached'
      when one.lease_id is null
        and coalesce((taken ->> one.allocation_id::text)::integer, 0) + one.quantity > one.places
        then 'quota_exhausted'
    end;
    if reason is null then
      used := used + one.quantity;
      passes := passes || one.pass;
      if one.lease_id is null then
        taken := jsonb_set(taken, array[one.allocation_id::text], to_jsonb(
          coalesce((taken ->> one.allocation_id::text)::integer, 0) + one.quantity
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
  update allocation a set used = a.used + moved.units
  from (
    select r.allocation_id,
      sum(case when f.reason is null then r.quantity else -r.quantity end) as units
    from unnest(cells, ids, reasons) as f (cell, id, reason)
    join redemption r on r.cell = f.cell and r.id = f.id
    where r.lease_id is null and (f.reason is null) <> (r.variance is null)
    group by r.allocation_id
  ) moved
  where a.id = moved.allocation_id;

  with flip as materialized (
    select r.cell, r.id, r.price_fen::bigint * r.quantity as amount_fen,
      live.leg, live.payer_id as payer_id, payee.id as payee_id, payer.id as next_id,
      coalesce((
        select max(t.leg) from transfer t
        where t.cell = r.cell and t.redemption_id = r.id and t.kind = 'redemption'
      ), 0) as legs
    from unnest(cells, ids, reasons) as f (cell, id, reason)
    join redemption r on r.cell = f.cell and r.id = f.id
    join allocation a on a.id = r.allocation_id
    join benefit b on b.id = r.benefit_id
    join outlet t on t.id = r.outlet_id
    join account payee on payee.partner_id = t.partner_id and payee.kind = 'payable'
    left join offline_policy p on p.benefit_id = r.benefit_id
    left join account payer on payer.kind = 'budget' and payer.union_id
      = case when f.reason is null then a.union_id else variance_payer(p, b, t) end
    left join transfer live on live.cell = r.cell and live.redemption_id = r.id
      and live.kind = 'redemption' and not exists (
        select from transfer back
        where back.cell = r.cell and back.redemption_id = r.id and back.kind = 'reversal'
          and back.leg = live.leg
      )
    where live.payer_id is distinct from payer.id
  )
  insert into transfer (cell, redemption_id, kind, leg, payer_id, payee_id, amount_fen, at)
  select f.cell, f.id, 'reversal', f.leg, f.payee_id, f.payer_id, f.amount_fen, now
  from flip f where f.leg is not null
  union all
  select f.cell, f.id, 'redemption', f.legs + 1, f.next_id, f.payee_id, f.amount_fen, now
  from flip f where f.next_id is not null;

  -- A pass goes from one to the other: first it is let go.
  update redemption r set variance = f.reason
  from unnest(cells, ids, reasons) as f (cell, id, reason)
  where r.cell = f.cell and r.id = f.id and f.reason is not null;
  update redemption r set variance = null
  from unnest(cells, ids, reasons) as f (cell, id, reason)
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
