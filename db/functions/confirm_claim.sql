-- Confirms what is held for a member or was offered to him: `{id, user, sessionAt, secondFactorAt}` to
-- `{outcome, state}`. Outcomes, in this order: not_found (no such claim, or not of whom the caller
-- acts for); replayed (it is confirmed, or further); claim_expired; claim_ended; and of an offer, which
-- counts from now on, limit_reached and category_limit_reached; confirmed. Where the organiser has a
-- say, an offer that was taken is asked first. Locks the member, then the claim's row;
-- by the database's clock.
create or replace function confirm_claim(p jsonb) returns jsonb language plpgsql as $$
#variable_conflict use_column
declare
  asked record;
  c claim;
  now timestamptz;
  refused text;
begin
  select * into asked from jsonb_to_record(p) as q (
    id uuid, "user" text, "sessionAt" timestamptz, "secondFactorAt" timestamptz
  );
  c := own_claim(asked.id, asked."user", asked."sessionAt", asked."secondFactorAt");
  if c.id is null then
    return jsonb_build_object('outcome', 'not_found');
  end if;

  perform from member m where m.cell = c.cell and m.id = c.member_id
  for no key update;
  select * into c from claim l where l.cell = c.cell and l.id = c.id for update;
  now := clock();
  refused := case
    when c.state in ('confirmed', 'asked', 'used') then 'replayed'
    when c.state in ('expired', 'lapsed') or c.answer_by <= now then 'claim_expired'
    when c.state not in ('held', 'offered') then 'claim_ended'
  end;
  if refused is null and c.state = 'offered' then
    refused := limit_refusal(c);
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
