-- Lets a member in whom no claim brings, while there is room: makes his claim of the session on the spot,
-- confirmed, under eligibility and limits like any other. `{id, session, quantity, card, kid, exp,
-- scannedAt, validUntil, user, sessionAt, secondFactorAt}` to `{outcome, state, maskedName, benefit,
-- detail}`.
-- By the organiser's officers, where it is attended at once (attend_claim), or by an operator of the
-- session's outlet, who redeems it then. Outcomes, in this order: not_found (not his door); pass_refusal at the
-- scan; replayed or exists_with_different_content; no_walk_ins; benefit_refusal; limit_reached;
-- category_limit_reached; upkeep_due (a hold is to be expired, see claim_read_2); session_full;
-- quota_exhausted; made. What members themselves must do in time does not bind here: the window of claims, delays by
-- marks, questions, the organiser's yes. Locks the member, then lock_places, then the claim's row.
create or replace function admit_walk_in(p jsonb) returns jsonb language plpgsql as $$
#variable_conflict use_column
declare
  asked record;
  s session;
  b benefit;
  t claim_terms;
  employer trade_union;
  owner card;
  m member;
  a affiliation;
  known claim;
  pool record;
  now timestamptz;
  used_at timestamptz;
  refused text;
begin
  select * into asked from jsonb_to_record(p) as q (
    id uuid, session integer, quantity integer, card bigint, kid smallint, exp bigint,
    "scannedAt" timestamptz, "validUntil" timestamptz,
    "user" text, "sessionAt" timestamptz, "secondFactorAt" timestamptz
  );
  select x.* into s from session x where x.id = asked.session;
  select x.* into b from benefit x where x.id = s.benefit_id;
  select x.* into t from claim_terms x where x.benefit_id = b.id;
  if t.benefit_id is null or not exists (
    select from authority(asked."user", asked."sessionAt", asked."secondFactorAt") f
    where f.role in ('operator', 'manager') and s.outlet_id = any (f.outlet_ids)
      or role_may(f.role, 'terms') and f.union_id = any ((
        select u.path from trade_union u where u.id = coalesce(b.held_by, b.union_id)
      )::integer[])
  ) then
    return jsonb_build_object('outcome', 'not_found');
  end if;

  select x.* into owner from card x where x.cell = (asked.card >> 34)::smallint and x.number = asked.card;
  select x.* into m from member x where x.cell = owner.cell and x.id = owner.member_id
  for no key update;
  select x.* into a from affiliation x
  where x.cell = m.cell and x.member_id = m.id and x.ended_at is null;
  select x.* into employer from trade_union x where x.id = a.union_id;
  select pass_refusal(
    owner, a, k, asked.exp, asked."scannedAt", asked."validUntil", clock(), clock()
  ) into refused
  from (values (asked.kid)) as q (kid) left join signing_key k on k.kid = q.kid;
  if refused is not null then
    return jsonb_build_object('outcome', refused);
  end if;
  select x.* into known from claim x where x.cell = cell_of(asked.id) and x.id = asked.id;
  if known.id is not null then
    return jsonb_build_object(
      'outcome', case
        when (known.cell, known.member_id, known.session_id, known.quantity)
          = (m.cell, m.id, s.id, asked.quantity) then 'replayed'
        else 'exists_with_different_content'
      end,
      'state', known.state, 'maskedName', masked_name(m.name)
    );
  end if;

  perform lock_places(b.id, array[s.id]);
  select x.* into s from session x where x.id = s.id;
  now := clock();
  used_at := coalesce(s.starts_at, greatest(now, b.starts_at));
  select * into pool from pool_for(b.id, a.union_id, used_at, asked.quantity);
  select coalesce(
    case when walk_ins_left(s, t, now) is null then 'no_walk_ins' end,
    benefit_refusal(
      b, o.district_id,
      case when o.id is not null then admission_refusal(p, admitted, o.id, now) end,
      audience_refusal(b, m, employer, used_at),
      exists (
        select from allocation x
        where x.benefit_id = b.id and x.starts_at = period_start(b.quota_period, used_at)
          and (x.district_id is null or x.district_id = employer.district_id)
      ),
      asked.quantity, case when owner.kind = 'printed' then 1 else b.quantity_max end, used_at, now
    )
  ) into refused
  from (values (s.outlet_id)) as q (outlet)
  left join outlet o on o.id = q.outlet
  left join partner p on p.id = o.partner_id
  left join benefit_partner admitted on admitted.benefit_id = b.id and admitted.partner_id = p.id;
  refused := coalesce(refused, case
    when asked.quantity + (
      select used from member_uses(
        m.cell, m.id, b.id, limit_start(b.limit_period, b.limit_days, used_at),
        limit_end(b.limit_period, b.limit_days, used_at))
    ) + (
      select claimed from member_claims(
        m.cell, m.id, b.id, limit_start(b.limit_period, b.limit_days, used_at),
        limit_end(b.limit_period, b.limit_days, used_at))
    ) > limit_of(b, m.family_size, owner.kind) then 'limit_reached'
    when category_left(m.cell, m.id, b.kind, a.union_id, used_at) < asked.quantity
      then 'category_limit_reached'
    when (walk_ins_left(s, t, now) < asked.quantity or pool.allocation_id is null) and exists (
      select from claim due
      where due.benefit_id = b.id and due.state in ('held', 'offered') and due.answer_by <= now
    ) then 'upkeep_due'
    when walk_ins_left(s, t, now) < asked.quantity then 'session_full'
    when pool.allocation_id is null then 'quota_exhausted'
  end);
  if refused is not null then
    return jsonb_build_object(
      'outcome', refused, 'benefit', b.id,
      'detail', claim_refusal_detail(refused, m.cell, m.id, b.id, s.id, used_at)
    );
  end if;

  insert into claim (
    cell, id, member_id, benefit_id, session_id, union_id, allocation_id, is_topped, quantity, state,
    at, made_at, made_by, changed_at, changed_by
  )
  values (
    m.cell, asked.id, m.id, b.id, s.id, a.union_id, pool.allocation_id, pool.is_topped,
    asked.quantity, 'confirmed', used_at, now, asked."user", now, asked."user"
  );
  update allocation x
  set claimed = x.claimed + asked.quantity,
    topped_claimed = x.topped_claimed + case when pool.is_topped then asked.quantity else 0 end
  where x.id = pool.allocation_id;
  update session x set taken = x.taken + asked.quantity where x.id = s.id;
  if s.outlet_id is null then
    perform attend_claim(asked.id, asked."user", null);
  end if;
  return jsonb_build_object(
    'outcome', 'made', 'maskedName', masked_name(m.name),
    'state', (select x.state from claim x where x.cell = m.cell and x.id = asked.id)
  );
end
$$;
