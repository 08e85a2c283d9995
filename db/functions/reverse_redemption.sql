-- Undoes one redemption: `{id, redemptionId, reason, user, sessionAt, secondFactorAt}` to
-- `{outcome, at}`, as undo_redemption does it. Outcomes, in this order: session_revoked; not_found
-- (no such redemption, or not in the caller's reach: the same answer); replayed (this id did it);
-- exists_with_different_content (this id undid another); already_reversed; too_late; period_closed
-- (only an adjustment corrects what was booked in a month that is closed, or being closed);
-- reversed. In reach are the operator of its outlet for 15 minutes, and at any time who operates
-- the union that owns the charged places or over the host district. Locks the member, then the
-- allocation, then the lease, as redeem does, and insists on READ COMMITTED.
create or replace function reverse_redemption(p jsonb) returns jsonb language plpgsql
set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_column
declare
  asked record;
  r redemption;
  undone reversal;
  is_post boolean;
  is_office boolean;
  now timestamptz;
  refused text;
begin
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'reverse_redemption() needs READ COMMITTED'
      using errcode = 'invalid_transaction_state';
  end if;

  select * into asked from jsonb_to_record(p) as q (
    id uuid, "redemptionId" uuid, reason text,
    "user" text, "sessionAt" timestamptz, "secondFactorAt" timestamptz
  );
  if not exists (
    select from auth_user u
    where u.id = asked."user" and session_counts(u, asked."sessionAt")
  ) then
    return jsonb_build_object('outcome', 'session_revoked', 'at', null);
  end if;

  select * into r from redemption
  where cell = cell_of(asked."redemptionId") and id = asked."redemptionId";
  select
    bool_or(r.outlet_id = any (self.outlet_ids)),
    bool_or(role_may(self.role, 'operate') and self.union_id = any (payer.path || host.path))
  into is_post, is_office
  from authority(asked."user", asked."sessionAt", asked."secondFactorAt") self
  join allocation a on a.id = r.allocation_id
  join trade_union payer on payer.id = a.union_id
  join outlet t on t.id = r.outlet_id
  join trade_union host on host.id = t.district_id;
  if not coalesce(is_post or is_office, false) or cell_of(asked.id) <> r.cell then
    return jsonb_build_object('outcome', 'not_found', 'at', null);
  end if;

  perform from member m where m.cell = r.cell and m.id = r.member_id for no key update;
  -- Whoever closes a month waits for this; what he closed before is seen below.
  lock table transfer in row exclusive mode;
  now := greatest(clock(), r.booked_at);

  -- A new snapshot: what another reversal wrote before it gave up the lock is seen here, and whether
  -- an earlier offline use has made this one a variance.
  select * into r from redemption where cell = r.cell and id = r.id;
  select * into undone from reversal v
  where v.cell = r.cell and (v.id = asked.id or v.redemption_id = r.id)
  order by v.id <> asked.id limit 1;
  refused := case
    when (undone.id, undone.redemption_id, undone.reason) = (asked.id, r.id, asked.reason)
      then 'replayed'
    when undone.id = asked.id then 'exists_with_different_content'
    when undone.id is not null then 'already_reversed'
    when not coalesce(is_office, false) and now > r.booked_at + interval '15 minutes' then 'too_late'
    when exists (
      select from period p where p.month = month_of(r.booked_at) and p.state <> 'open'
    ) then 'period_closed'
  end;

  if refused is null then
    if undo_redemption(r, asked.id, asked."user", asked.reason, now) then
      return jsonb_build_object('outcome', 'reversed', 'at', iso(now));
    end if;
    refused := 'exists_with_different_content';
  end if;
  return jsonb_build_object('outcome', refused, 'at', iso(undone.at));
end
$$;
