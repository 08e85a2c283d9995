-- Takes a claim to another time, which is a session of its benefit: `{id, session, user, sessionAt,
-- secondFactorAt}` to `{outcome, state}`. Outcomes, in this order: not_found; claim_ended (only what holds a place moves); replayed (it
-- is there); session_over, claim_move_too_late (after the deadline for cancelling); session_unknown,
-- session_cancelled, the new one's session_over; benefit_refusal at the new time; limit_reached and category_limit_reached
-- in its period; session_full, quota_exhausted; moved. It has a place in one of the two at every
-- moment, and who waits for the old one is offered it. Locks the member, then lock_places over both sessions, then its row.
create or replace function move_claim(p jsonb) returns jsonb language plpgsql as $$
#variable_conflict use_column
declare
  asked record;
  c claim;
  b benefit;
  old_session session;
  s session;
  now timestamptz;
  refused text;
  pool record;
  own integer;
  family smallint;
  eligible text;
begin
  select * into asked from jsonb_to_record(p) as q (
    id uuid, session integer, "user" text, "sessionAt" timestamptz, "secondFactorAt" timestamptz
  );
  c := own_claim(asked.id, asked."user", asked."sessionAt", asked."secondFactorAt");
  if c.id is null then
    return jsonb_build_object('outcome', 'not_found');
  end if;

  select m.family_size into family from member m where m.cell = c.cell and m.id = c.member_id
  for no key update;
  perform lock_places(c.benefit_id, array[c.session_id, asked.session]);
  select * into c from claim l where l.cell = c.cell and l.id = c.id for update;
  select * into b from benefit x where x.id = c.benefit_id;
  select * into old_session from session x where x.id = c.session_id;
  select * into s from session x where x.id = asked.session and x.benefit_id = c.benefit_id;
  now := clock();
  select benefit_refusal(
    b, o.district_id,
    case when o.id is not null then admission_refusal(p, admitted, o.id, now) end,
    audience_refusal(b, m, employer, s.starts_at), true, c.quantity, b.quantity_max, s.starts_at, now
  ) into eligible
  from member m
  join trade_union employer on employer.id = c.union_id
  left join outlet o on o.id = s.outlet_id
  left join partner p on p.id = o.partner_id
  left join benefit_partner admitted on admitted.benefit_id = b.id and admitted.partner_id = p.id
  where m.cell = c.cell and m.id = c.member_id;
  -- Of its own limit period this claim is counted already.
  own := case
    when s.starts_at >= limit_start(b.limit_period, b.limit_days, c.at)
      and s.starts_at < limit_end(b.limit_period, b.limit_days, c.at) then c.quantity
    else 0
  end;
  refused := case
    when c.state not in ('asked', 'held', 'confirmed') or c.used > 0 or c.answer_by <= now
      then 'claim_ended'
    when s.id = c.session_id then 'replayed'
    when old_session.starts_at <= now then 'session_over'
    when old_session.starts_at < now + (
      select make_interval(mins => t.cancel_minutes) from claim_terms t where t.benefit_id = b.id
    ) then 'claim_move_too_late'
    -- Without a time there is none to move to, and which prize it is, the lot has said.
    when s.starts_at is null or old_session.starts_at is null or s.is_room or b.claim_kind = 'draw'
      then 'session_unknown'
    when s.cancelled_at is not null then 'session_cancelled'
    when s.starts_at <= now then 'session_over'
    when eligible is not null then eligible
    when c.quantity - own + (
      select used from member_uses(
        c.cell, c.member_id, b.id, limit_start(b.limit_period, b.limit_days, s.starts_at),
        limit_end(b.limit_period, b.limit_days, s.starts_at))
    ) + (
      select claimed from member_claims(
        c.cell, c.member_id, b.id, limit_start(b.limit_period, b.limit_days, s.starts_at),
        limit_end(b.limit_period, b.limit_days, s.starts_at))
    ) > limit_of(b, family, 'phone') then 'limit_reached'
    when category_left(c.cell, c.member_id, b.kind, c.union_id, s.starts_at)
      < c.quantity - own then 'category_limit_reached'
    when s.cap - s.taken < c.quantity then 'session_full'
  end;
  if refused is not null then
    return jsonb_build_object('outcome', refused, 'state', c.state);
  end if;

  if period_start(b.quota_period, s.starts_at) <> period_start(b.quota_period, c.at) then
    select * into pool from pool_for(b.id, c.union_id, s.starts_at, c.quantity);
    if not found then
      return jsonb_build_object('outcome', 'quota_exhausted', 'state', c.state);
    end if;
    update allocation a
    set claimed = a.claimed - c.quantity,
      topped_claimed = a.topped_claimed - case when c.is_topped then c.quantity else 0 end
    where a.id = c.allocation_id;
    update allocation a
    set claimed = a.claimed + c.quantity,
      topped_claimed = a.topped_claimed + case when pool.is_topped then c.quantity else 0 end
    where a.id = pool.allocation_id;
    update claim l set allocation_id = pool.allocation_id, is_topped = pool.is_topped
    where l.cell = c.cell and l.id = c.id;
  end if;
  update session x
  set taken = x.taken + case x.id when s.id then c.quantity else -c.quantity end
  where x.id in (s.id, old_session.id);
  update claim l
  set session_id = s.id, at = s.starts_at,
    answer_by = case when l.state = 'held' then least(l.answer_by, s.starts_at) end, changed_at = now, changed_by = asked."user", reason = null
  where l.cell = c.cell and l.id = c.id;
  perform offer_places(b.id, null, now);
  return jsonb_build_object('outcome', 'moved', 'state', c.state);
end
$$;
