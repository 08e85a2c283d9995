-- Gives a claim up: `{id, user, sessionAt, secondFactorAt}` to `{outcome, state, isLate}`. Outcomes, in this order:
-- not_found; replayed (it is cancelled); claim_used; code_given (what was shown may be used); claim_ended; session_over (it has begun);
-- cancelled. What it held goes to who waits, before anybody else can take it. After the deadline a
-- confirmed one leaves a mark, where the terms have one for it. Locks the member, then lock_places
-- where it holds a place, then its row.
create or replace function cancel_claim(p jsonb) returns jsonb language plpgsql as $$
#variable_conflict use_column
declare
  asked record;
  c claim;
  s session;
  now timestamptz;
  refused text;
  late boolean := false;
begin
  select * into asked from jsonb_to_record(p) as q (
    id uuid, "user" text, "sessionAt" timestamptz, "secondFactorAt" timestamptz
  );
  c := own_claim(asked.id, asked."user", asked."sessionAt", asked."secondFactorAt");
  if c.id is null then
    return jsonb_build_object('outcome', 'not_found');
  end if;

  perform from member m where m.cell = c.cell and m.id = c.member_id for no key update;
  perform lock_places(c.benefit_id, array[c.session_id]);
  select * into c from claim l where l.cell = c.cell and l.id = c.id for update;
  select * into s from session x where x.id = c.session_id;
  now := clock();
  refused := case
    when c.state = 'cancelled' then 'replayed'
    when c.used > 0 then 'claim_used'
    when exists (select from offer_code k where k.cell = c.cell and k.claim_id = c.id)
      then 'code_given'
    when not claim_may(c.state, 'cancelled') then 'claim_ended'
    when s.starts_at <= now then 'session_over'
  end;
  if refused is not null then
    return jsonb_build_object(
      'outcome', refused, 'state', c.state,
      'isLate', exists (
        select from mark k
        where k.cell = c.cell and k.claim_id = c.id and k.kind = 'late_cancel'
      )
    );
  end if;

  if c.state = 'confirmed' then
    select s.starts_at < now + make_interval(mins => t.cancel_minutes) into late
    from claim_terms t where t.benefit_id = c.benefit_id;
    if late then
      perform mark_claim(c, 'late_cancel', now);
    end if;
  end if;
  perform release_claims(
    array[c.cell], array[c.id], array['cancelled'], asked."user", null, now
  );
  if c.state not in ('entered', 'waiting') then
    perform offer_places(c.benefit_id, null, now);
  end if;
  return jsonb_build_object(
    'outcome', 'cancelled', 'state', 'cancelled', 'isLate', coalesce(late, false)
  );
end
$$;
