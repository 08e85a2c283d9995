-- Says that who has a claim did not come, where nothing else tells: a room has one claim only, so nobody
-- else's attendance says that any was recorded. Answers `{outcome, state, quantity}`: missed; replayed
-- (it is a no-show); or attendance_refusal, which is claim_not_now until the end, too, and
-- benefit_paused where it was by then. It leaves the mark that the terms have for it. The caller may
-- do so. Locks as lock_claim.
create or replace function miss_claim(p_id uuid, p_by text, p_reason text) returns jsonb
language plpgsql as $$
declare
  c claim;
  now timestamptz;
  refused text;
begin
  c := lock_claim(p_id);
  now := clock();
  if c.state = 'no_show' then
    return jsonb_build_object('outcome', 'replayed', 'state', c.state, 'quantity', c.quantity);
  end if;
  select case
    when c.state <> 'confirmed' then 'claim_ended'
    else coalesce(
      attendance_refusal(c, s, b, t, now),
      case
        when (now >= s.ends_at) is not true then 'claim_not_now'
        when b.paused_at <= s.ends_at then 'benefit_paused'
      end
    )
  end into refused
  from benefit b
  join claim_terms t on t.benefit_id = b.id
  left join session s on s.id = c.session_id
  where b.id = c.benefit_id;
  if refused is not null then
    return jsonb_build_object('outcome', refused, 'state', c.state);
  end if;

  perform release_claims(array[c.cell], array[c.id], array['no_show'], p_by, p_reason, now);
  perform mark_claim(c, 'no_show', now);
  return jsonb_build_object('outcome', 'missed', 'state', 'no_show', 'quantity', c.quantity);
end
$$;
