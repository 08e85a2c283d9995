-- The organiser's answer to a claim that asks: confirmed, or refused with a reason, when what it held is
-- offered to who waits. Answers `{outcome, state}`: claim_ended (it does not ask any more, or its session is over, so that nobody is
-- told yes who could not come), decided, or replayed
-- when it was decided like this before. The caller may do so. Locks lock_places, then the claim's
-- row: no member, as what asks is counted already.
create or replace function decide_claim(p_id uuid, p_yes boolean, p_by text, p_reason text)
returns jsonb language plpgsql as $$
declare
  c claim;
  now timestamptz;
  decided text := case when p_yes then 'confirmed' else 'refused' end;
begin
  select * into c from claim l where l.cell = cell_of(p_id) and l.id = p_id;
  perform lock_places(c.benefit_id, array[c.session_id]);
  select * into c from claim l where l.cell = cell_of(p_id) and l.id = p_id for update;
  now := clock();
  if c.state <> 'asked' then
    return jsonb_build_object(
      'outcome', case when c.state = decided then 'replayed' else 'claim_ended' end, 'state', c.state
    );
  end if;
  if p_yes and exists (
    select from session s where s.id = c.session_id and s.ends_at <= now
  ) then
    return jsonb_build_object('outcome', 'claim_ended', 'state', c.state);
  elsif p_yes then
    update claim l set state = 'confirmed', changed_at = now, changed_by = p_by, reason = p_reason
    where l.cell = c.cell and l.id = c.id;
  else
    perform release_claims(array[c.cell], array[c.id], array['refused'], p_by, p_reason, now);
    perform offer_places(c.benefit_id, null, now);
  end if;
  return jsonb_build_object('outcome', 'decided', 'state', decided);
end
$$;
