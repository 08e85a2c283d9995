-- Asks for a shared room: `{id, benefit, from, to, people, purpose, member, user, sessionAt,
-- secondFactorAt}` to `{outcome, state, detail}`. The room is the claim's alone from the moment it is
-- made, also while the owner has not said yes. Outcomes, in this order: replayed or
-- exists_with_different_content; session_revoked; member_unknown; member_left; benefit_refusal at its
-- beginning; claims_not_open and claims_closed; room_time_impossible (not on one day within the hours, too short, too long, past
-- or too far ahead) with the bounds; room_too_small; limit_reached; room_hours_used with what is left
-- to his company that week; room_taken; quota_exhausted; made. Locks the member, then the room, then
-- lock_places. The exclusion constraint holds what the room's lock does once more.
create or replace function claim_room(p jsonb) returns jsonb language plpgsql as $$
#variable_conflict use_column
declare
  asked record;
  m member;
  a affiliation;
  employer trade_union;
  b benefit;
  t claim_terms;
  r room;
  known claim;
  now timestamptz;
  minutes integer;
  used_minutes integer;
  refused text;
  pool record;
  made_session integer;
  state text;
begin
  select * into asked from jsonb_to_record(p) as q (
    id uuid, benefit integer, "from" timestamptz, "to" timestamptz, people integer, purpose text,
    member bigint, "user" text, "sessionAt" timestamptz, "secondFactorAt" timestamptz
  );
  if not exists (
    select from auth_user u where u.id = asked."user" and session_counts(u, asked."sessionAt")
  ) then
    return jsonb_build_object('outcome', 'session_revoked');
  end if;
  select x.* into m from member x
  where case
    when asked.member is null then x.user_id = asked."user"
    else x.cell = (asked.member & 63)::smallint and x.id = asked.member
  end
  for no key update;
  select x.* into a from affiliation x
  where x.cell = m.cell and x.member_id = m.id and x.ended_at is null;
  select x.* into employer from trade_union x where x.id = a.union_id;
  if m.id is null or m.cell <> cell_of(asked.id) or asked.member is not null and not may_act_for(
    asked."user", asked."sessionAt", asked."secondFactorAt", m, employer.path
  ) then
    return jsonb_build_object('outcome', 'member_unknown');
  elsif a.union_id is null then
    return jsonb_build_object('outcome', 'member_left');
  end if;
  select x.* into known from claim x where x.cell = m.cell and x.id = asked.id;
  if known.id is not null then
    return jsonb_build_object(
      'outcome', case
        when (known.member_id, known.benefit_id, known.at, known.answers) = (
          m.id, asked.benefit, asked."from",
          jsonb_build_object('people', asked.people, 'purpose', asked.purpose)
        ) and exists (
          select from session s where s.id = known.session_id and s.ends_at = asked."to"
        ) then 'replayed'
        else 'exists_with_different_content'
      end,
      'state', known.state
    );
  end if;

  select x.* into b from benefit x where x.id = asked.benefit and x.claim_kind = 'room';
  select x.* into t from claim_terms x where x.benefit_id = b.id;
  select x.* into r from room x where x.benefit_id = b.id for update;
  perform lock_places(b.id, '{}');
  now := clock();
  minutes := extract(epoch from asked."to" - asked."from") / 60;
  used_minutes := room_minutes(b.id, a.union_id, asked."from");
  select * into pool from pool_for(b.id, a.union_id, asked."from", 1);
  refused := coalesce(
    case when r.benefit_id is null then 'benefit_unknown' end,
    benefit_refusal(
      b, null, null, audience_refusal(b, m, employer, asked."from"),
      exists (select from allocation x where x.benefit_id = b.id), 1, 1, asked."from", now
    ),
    case
      when now < t.opens_at + opening_delay(m.cell, m.id, b.kind, now) then 'claims_not_open'
      when now >= t.closes_at then 'claims_closed'
      when asked."from" <= now or asked."from" > now + r.days_ahead * interval '1 day'
        or minutes < r.minutes_min or minutes > r.minutes_max
        or local_day(asked."from") <> local_day(asked."to" - interval '1 microsecond')
        or (asked."to" - interval '1 microsecond') > day_begin(local_day(asked."from"))
          + make_interval(mins => b.closes_minute)
        then 'room_time_impossible'
      when asked.people > r.people_max then 'room_too_small'
      when 1 + (
        select claimed from member_claims(
          m.cell, m.id, b.id, limit_start(b.limit_period, b.limit_days, asked."from"),
          limit_end(b.limit_period, b.limit_days, asked."from"))
      ) > limit_of(b, m.family_size, 'phone') then 'limit_reached'
      when used_minutes + minutes > r.minutes_a_week then 'room_hours_used'
      when exists (
        select from session s
        where s.benefit_id = b.id and s.is_room and s.cancelled_at is null
          and tstzrange(s.starts_at, s.ends_at) && tstzrange(asked."from", asked."to")
      ) then 'room_taken'
      when pool.allocation_id is null then 'quota_exhausted'
    end
  );
  if refused is not null then
    return jsonb_build_object('outcome', refused, 'detail', case refused
      when 'room_hours_used' then
        jsonb_build_object('minutesLeft', greatest(r.minutes_a_week - used_minutes, 0))
      when 'room_time_impossible' then jsonb_build_object(
        'minutesMin', r.minutes_min, 'minutesMax', r.minutes_max, 'daysAhead', r.days_ahead)
      when 'room_too_small' then jsonb_build_object('peopleMax', r.people_max)
      else claim_refusal_detail(refused, m.cell, m.id, b.id, null, asked."from")
    end);
  end if;

  insert into session (
    benefit_id, title_zh, title_en, place_zh, place_en, starts_at, ends_at, is_room, cap, taken
  )
  values (
    b.id, asked.purpose, asked.purpose, r.place_zh, r.place_en, asked."from", asked."to", true, 1, 1
  )
  returning id into made_session;
  state := case when t.needs_approval then 'asked' else 'confirmed' end;
  insert into claim (
    cell, id, member_id, benefit_id, session_id, union_id, allocation_id, is_topped, quantity, state,
    at, made_at, made_by, answers, changed_at, changed_by
  )
  values (
    m.cell, asked.id, m.id, b.id, made_session, a.union_id, pool.allocation_id, pool.is_topped,
    1, state, asked."from", now, nullif(asked."user", m.user_id),
    jsonb_build_object('people', asked.people, 'purpose', asked.purpose), now, asked."user"
  );
  update allocation x
  set claimed = x.claimed + 1,
    topped_claimed = x.topped_claimed + case when pool.is_topped then 1 else 0 end
  where x.id = pool.allocation_id;
  return jsonb_build_object('outcome', 'made', 'state', state);
end
$$;
