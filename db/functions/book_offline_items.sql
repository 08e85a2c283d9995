-- Judges the next scans of a device, `[{seq, …what redeem() takes} | {seq, invalid}]`, in order and
-- right after its last judged one; anything else has no effect and no rows. Answers and stores each
-- one's verdict and reason, moves `judged_seq`, then lets the earliest scan win (settle_offline),
-- which may change verdicts of other devices.
--
-- Verdicts. accepted: a redemption. duplicate, over_limit: one use too many, booked to variance.
-- invalid: no pass, card, key or time of scan that could be owed for, and a card that the phone's
-- list showed as ended. needs_review: everything else, for the union to decide; also whatever a
-- revoked device brings, and what goes beyond its policy (value_too_high, card_uses_a_day). Without
-- a policy a day allows no use at all, but what is left of a lease from the time when there was
-- one.
--
-- Locks the device, the members in key order, and, only where a use cannot be covered by its lease,
-- the allocations of these benefits: home ones in id order, then shared ones; then admissions with
-- a cap. Then as redeem() does.
create or replace function book_offline_items(p_device integer, p_items jsonb)
returns table (seq integer, verdict text, reason text) language plpgsql
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
  host device;
  asked jsonb;
  pools integer[];
  answers jsonb;
begin
  select * into host from device d where d.id = p_device for no key update;
  now := clock();
  if (
    select coalesce(bool_and(q.seq = host.judged_seq + q.place and i.seq is not null), false)
    from rows from (jsonb_to_recordset(p_items) as (seq integer)) with ordinality q (seq, place)
    left join offline_item i on i.device_id = p_device and i.seq = q.seq and i.verdict is null
  ) is not true then
    return;
  end if;

  -- What redeem() is asked: who the device is, and what it may not decide by itself.
  select jsonb_agg(
    q.item || jsonb_build_object(
      'device', p_device, 'outlet', host.outlet_id, 'variance', null,
      'held', case
        when host.revoked_at is not null then 'device_revoked'
        when least(admitted.price_fen, b.price_fen)::bigint * s.quantity > p.value_max_fen then 'value_too_high'
      end,
      'cardLeft', coalesce(
        p.card_uses_a_day - (
          select coalesce(sum(r.quantity), 0)::integer from redemption r
          where r.cell = c.cell and r.member_id = c.member_id and r.benefit_id = s.benefit
            and r.at >= period_start('day', s."scannedAt") and r.at < period_end('day', s."scannedAt")
            and r.booked_at >= period_start('day', s."scannedAt")
            and r.device_id = p_device and r.card_number = c.number and r.reversed_at is null
        ),
        l.units - l.used,
        0
      )
    )
    order by s.seq
  )
  into asked
  from jsonb_array_elements(p_items) q (item)
  cross join jsonb_to_record(q.item) as s (
    seq integer, id uuid, card bigint, benefit integer, quantity integer, lease integer,
    "scannedAt" timestamptz
  )
  left join card c on c.cell = cell_of(s.id) and c.number = s.card
  left join benefit b on b.id = s.benefit
  left join benefit_partner admitted on admitted.benefit_id = s.benefit
    and admitted.partner_id = (select t.partner_id from outlet t where t.id = host.outlet_id)
  left join offline_policy p on p.benefit_id = s.benefit
  left join lease l on l.id = s.lease and l.device_id = p_device and l.benefit_id = s.benefit
    and l.expires_at > s."scannedAt"
  where not q.item ? 'invalid' and s."scannedAt" <= now + interval '70 seconds';

  if asked is not null then
    perform from (
      select distinct c.cell, c.member_id
      from jsonb_to_recordset(asked) as s (id uuid, card bigint)
      join card c on c.cell = cell_of(s.id) and c.number = s.card
    ) owner
    join member m on m.cell = owner.cell and m.id = owner.member_id
    order by m.cell, m.id
    for no key update of m;

    -- Settling may move places of uses without a lease; after redeem() it would be too late to lock.
    select array_agg(distinct s.benefit) into pools
    from (
      select q.*, sum(q.quantity) over (partition by q.lease) as wanted
      from jsonb_to_recordset(asked) as q (
        id uuid, card bigint, benefit integer, quantity integer, lease integer,
        "scannedAt" timestamptz
      )
    ) s
    left join card c on c.cell = cell_of(s.id) and c.number = s.card
    left join benefit b on b.id = s.benefit
    left join lease l on l.id = s.lease and l.device_id = p_device and l.benefit_id = s.benefit
      and l.returned_at is null and l.expires_at > s."scannedAt"
      and l.returns_at > now + interval '1 minute' and l.units - l.used >= s.wanted
    having bool_or(
      l.id is null or exists (
        select from redemption r
        where r.cell = c.cell and r.member_id = c.member_id and r.benefit_id = s.benefit
          and r.booked_at
            >= limit_start(b.limit_period, b.limit_days, s."scannedAt" - interval '70 seconds')
          and r.device_id is not null and r.lease_id is null and r.reversed_at is null
      )
    );
    if pools is not null then
      perform from allocation a where a.benefit_id = any (pools)
      order by a.district_id is null, a.id
      for no key update;
      perform from return_due_leases(
        array(select a.id from allocation a where a.benefit_id = any (pools) and a.leased > 0), now
      );
    end if;

    perform from benefit_partner a
    join outlet t on t.id = host.outlet_id and t.partner_id = a.partner_id
    where a.benefit_id in (select q.benefit from jsonb_to_recordset(asked) as q (benefit integer))
      and num_nonnulls(a.cap, a.cap_a_day) > 0
    order by a.benefit_id
    for no key update of a;

    select jsonb_agg(
      jsonb_build_object('seq', s.item -> 'seq', 'outcome', a.outcome, 'booked', a.at is not null)
    )
    into answers
    from redeem(asked) a
    join jsonb_array_elements(asked) with ordinality s (item, ord) on s.ord = a.ord;
  end if;

  -- All judged before they meet the table: joined as they come, each would be judged a hundred times.
  with judged as materialized (
    select s.*, b.id as benefit_id, b.union_id, why.reason,
      case
        when a.outcome in ('accepted', 'replayed') then 'accepted'
        when a.booked and a.outcome = 'pass_already_used' then 'duplicate'
        when a.booked then 'over_limit'
        when a.outcome is null or why.reason in (
          'exists_with_different_content', 'card_unknown', 'card_replaced', 'card_lost',
          'card_blocked', 'key_revoked', 'pass_not_yet_valid', 'pass_expired', 'benefit_unknown'
        ) then 'invalid'
        else 'needs_review'
      end as verdict
    from jsonb_to_recordset(p_items) as s (
      seq integer, invalid text, id uuid, benefit integer, quantity integer,
      "scannedAt" timestamptz
    )
    left join jsonb_to_recordset(answers) as a (seq integer, outcome text, booked boolean)
      on a.seq = s.seq
    left join benefit b on b.id = s.benefit
    cross join lateral (select coalesce(a.outcome, s.invalid, 'scan_in_future') as reason) why
  )
  update offline_item i set
    verdict = judged.verdict,
    reason = case when judged.verdict <> 'accepted' then judged.reason end,
    cell = cell_of(judged.id), redemption_id = judged.id, benefit_id = judged.benefit_id,
    quantity = judged.quantity, scanned_at = judged."scannedAt",
    union_id = coalesce(judged.union_id, i.union_id)
  from judged
  where i.device_id = p_device and i.seq = judged.seq and i.verdict is null;

  update device set judged_seq = host.judged_seq + jsonb_array_length(p_items) where id = p_device;

  perform settle_offline(
    array(
      select s.id from jsonb_to_recordset(asked) as s (seq integer, id uuid)
      join jsonb_to_recordset(answers) as a (seq integer, booked boolean) on a.seq = s.seq
      where a.booked
    )
  );

  return query
  select i.seq, i.verdict, i.reason
  from offline_item i
  where i.device_id = p_device
    and i.seq > host.judged_seq and i.seq <= host.judged_seq + jsonb_array_length(p_items)
    and i.reason is distinct from 'seq_forked'
  order by i.seq;
end
$$;
