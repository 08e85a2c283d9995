-- A union says for good whether a doubtful offline use is paid: `{device, seq, hash, decision,
-- reason, user, sessionAt, secondFactorAt, item}` to `{outcome}`. pay: one too many stays charged
-- as it is; what needs a review is booked as a variance with its own reason, from `item`, which is
-- what redeem() takes, and the union pays where the policy would let the partner bear it. reject:
-- one too many is reversed; what needs a review stays as it is, owed to nobody.
--
-- Outcomes, in this order: session_revoked; not_found (no such scan, or not in the caller's scope:
-- who operates the union that owns it); replayed (this decision is taken); already_decided (another
-- one is, for this scan or one of the same use; or there is nothing to decide: it is not judged, or
-- what is to stay charged was reversed); period_closed (what is to be rejected was booked in a
-- month that is no longer open); where nothing can be booked, redeem()'s reason for it, or
-- pass_invalid without an item; decided. Writes its audit entry. Locks the device, the member, then
-- the benefit's allocations, home before shared, then the lease.
create or replace function decide_offline_item(p jsonb) returns jsonb language plpgsql
set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_column
declare
  asked record;
  host device;
  found_item offline_item;
  owner record;
  r redemption;
  answer record;
  scan jsonb;
  now timestamptz;
begin
  select * into asked from jsonb_to_record(p) as q (
    device integer, seq integer, hash text, decision text, reason text,
    "user" text, "sessionAt" timestamptz, "secondFactorAt" timestamptz, item jsonb
  );
  if not exists (
    select from auth_user u
    where u.id = asked."user" and session_counts(u, asked."sessionAt")
  ) then
    return '{"outcome": "session_revoked"}';
  end if;
  select i.* into found_item
  from offline_item i
  join trade_union u on u.id = i.union_id
  where i.device_id = asked.device and i.seq = asked.seq and i.hash = asked.hash
    and exists (
      select from authority(asked."user", asked."sessionAt", asked."secondFactorAt") self
      where role_may(self.role, 'operate') and self.union_id = any (u.path)
    );
  if found_item.seq is null then
    return '{"outcome": "not_found"}';
  elsif found_item.verdict is null then
    -- Whose it is shows only when it is judged, and he is to be locked.
    return '{"outcome": "already_decided"}';
  end if;

  -- One at a time for a device, and before any use of the member may change the verdict.
  select * into host from device d where d.id = asked.device for no key update;
  scan := asked.item || jsonb_build_object('device', host.id, 'outlet', host.outlet_id);
  if found_item.verdict = 'needs_review' then
    select c.cell, c.member_id into owner from card c
    where c.cell = cell_of((scan ->> 'id')::uuid) and c.number = (scan ->> 'card')::bigint;
  else
    select o.cell, o.member_id into owner from redemption o
    where o.cell = found_item.cell and o.id = found_item.redemption_id;
  end if;
  perform from member m where m.cell = owner.cell and m.id = owner.member_id for no key update;
  now := clock();
  select i.* into found_item
  from offline_item i
  where i.device_id = asked.device and i.seq = asked.seq and i.hash = asked.hash;

  if (found_item.decision, found_item.decision_reason, found_item.decided_by)
    = (asked.decision, asked.reason, asked."user")
  then
    return '{"outcome": "replayed"}';
  elsif found_item.decision is not null
    or found_item.verdict not in ('duplicate', 'over_limit', 'needs_review')
    or asked.decision = 'pay' and found_item.verdict <> 'needs_review' and exists (
      select from redemption o
      where o.cell = found_item.cell and o.id = found_item.redemption_id
        and o.reversed_at is not null
    )
    or asked.decision = 'reject' and exists (
      select from offline_item same
      where same.cell = found_item.cell and same.redemption_id = found_item.redemption_id
        and same.decision = 'pay' and same.verdict in ('duplicate', 'over_limit')
    )
  then
    return '{"outcome": "already_decided"}';
  end if;

  if asked.decision = 'reject' and found_item.verdict <> 'needs_review' then
    select * into r from redemption o
    where o.cell = found_item.cell and o.id = found_item.redemption_id;
    -- Whoever closes a month waits for this; what he closed before is seen in the next statement.
    lock table transfer in row exclusive mode;
    now := clock();
    if r.reversed_at is null and exists (
      select from period p where p.month = month_of(r.booked_at) and p.state <> 'open'
    ) then
      return '{"outcome": "period_closed"}';
    elsif r.reversed_at is null then
      perform undo_redemption(
        r, id_in(r.cell), asked."user", asked.reason, greatest(now, r.booked_at)
      );
    end if;
  elsif asked.decision = 'pay' and found_item.verdict = 'needs_review' then
    if scan is null then
      return '{"outcome": "pass_invalid"}';
    end if;
    perform from allocation a where a.benefit_id = (scan ->> 'benefit')::integer
    order by a.district_id is null, a.id
    for no key update;
    select a.* into answer
    from redeem(jsonb_build_array(scan || jsonb_build_object('variance', found_item.reason))) a;
    if answer.at is null then
      return jsonb_build_object('outcome', answer.outcome);
    end if;
    update offline_item i set
      cell = cell_of(answer.id), redemption_id = answer.id, benefit_id = (scan ->> 'benefit')::integer,
      quantity = answer.quantity, scanned_at = answer.at
    where i.device_id = asked.device and i.seq = asked.seq and i.hash = asked.hash;
  end if;

  update offline_item i set
    decision = asked.decision, decided_at = now, decided_by = asked."user",
    decision_reason = asked.reason
  where i.device_id = asked.device and i.seq = asked.seq and i.hash = asked.hash;
  insert into audit_entry (
    at, user_id, union_id, action, subject, subject_id, reason, before, after
  )
  values (
    now, asked."user", found_item.union_id, 'offline.decide', 'offline_item',
    asked.device || '-' || asked.seq, asked.reason,
    jsonb_build_object('verdict', found_item.verdict, 'reason', found_item.reason),
    jsonb_build_object('decision', asked.decision)
  );
  return '{"outcome": "decided"}';
end
$$;
