-- Confirms what is held for a member or was offered to him: `{id, user, sessionAt, secondFactorAt}` to
-- `{outcome, state}`. Outcomes, in this order: not_found (no such claim, or not of whom the caller
-- acts for); replayed (it is confirmed, or further); claim_expired; claim_ended; and of an offer,
-- which counts from now on, limit_reached and category_limit_reached; confirmed. Where the
-- organiser has a say, an offer that was taken is asked first. Locks the member, then the claim's row;
-- by the database's clock.
create or replace function confirm_claim(p jsonb) returns jsonb language plpgsql as $$
#variable_conflict use_column
declare
  asked record;
  c claim;
  b benefit;
  now timestamptz;
  family smallint;
  refused text;
begin
  select * into asked from jsonb_to_record(p) as q (
    id uuid, "user" text, "sessionAt" timestamptz, "secondFactorAt" timestamptz
  );
  c := own_claim(asked.id, asked."user", asked."sessionAt", asked."secondFactorAt");
  if c.id is null then
    return jsonb_build_object('outcome', 'not_found');
  end if;

  select m.family_size into family from member m where m.cell = c.cell and m.id = c.member_id
  for no key update;
  select * into c from claim l where l.cell = c.cell and l.id = c.id for update;
  now := clock();
  refused := case
    when c.state in ('confirmed', 'asked', 'used') then 'replayed'
    when c.state in ('expired', 'lapsed') or c.answer_by <= now then 'claim_expired'
    when c.state not in ('held', 'offered') then 'claim_ended'
  end;
  if refused is null and c.state = 'offered' then
    select * into b from benefit x where x.id = c.benefit_id;
    refused := case
      when c.quantity + (
        select used from member_uses(
          c.cell, c.member_id, b.id, limit_start(b.limit_period, b.limit_days, c.at),
          limit_end(b.limit_period, b.limit_days, c.at))
      ) + (
        select claimed from member_claims(
          c.cell, c.member_id, b.id, limit_start(b.limit_period, b.limit_days, c.at),
          limit_end(b.limit_period, b.limit_days, c.at))
      ) > limit_of(b, family, 'phone') then 'limit_reached'
      when category_left(c.cell, c.member_id, b.kind, c.union_id, c.at) < c.quantity
        then 'category_limit_reached'
    end;
  end if;
  if refused is not null then
    return jsonb_build_object('outcome', refused, 'state', c.state);
  end if;

  update claim l
  set state = case
      when c.state = 'offered' and t.needs_approval then 'asked'
      else 'confirmed'
    end,
    answer_by = null, changed_at = now, changed_by = asked."user", reason = null
  from claim_terms t
  where l.cell = c.cell and l.id = c.id and t.benefit_id = l.benefit_id
  returning l.* into c;
  return jsonb_build_object('outcome', 'confirmed', 'state', c.state);
end
$$;
