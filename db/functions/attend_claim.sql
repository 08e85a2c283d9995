-- Says that who has a claim came: all its units are used, and nothing is booked. Answers `{outcome, state,
-- quantity, at}`: attended; replayed (he was in, since `at`); or attendance_refusal. The caller may do
-- so. Locks as lock_claim.
create or replace function attend_claim(p_id uuid, p_by text, p_reason text) returns jsonb
language plpgsql as $$
declare
  c claim;
  now timestamptz;
  refused text;
begin
  c := lock_claim(p_id);
  now := clock();
  if c.state = 'used' and c.attended_at is not null then
    return jsonb_build_object(
      'outcome', 'replayed', 'state', c.state, 'quantity', c.quantity, 'at', iso(c.attended_at)
    );
  end if;
  select attendance_refusal(c, s, b, t, now) into refused
  from benefit b
  join claim_terms t on t.benefit_id = b.id
  left join session s on s.id = c.session_id
  where b.id = c.benefit_id;
  if refused is not null then
    return jsonb_build_object('outcome', refused, 'state', c.state);
  end if;

  update allocation a
  set used = a.used + c.quantity, claimed = a.claimed - c.quantity,
    topped_used = a.topped_used + case when c.is_topped then c.quantity else 0 end,
    topped_claimed = a.topped_claimed - case when c.is_topped then c.quantity else 0 end
  where a.id = c.allocation_id;
  update claim l
  set state = 'used', used = l.quantity, attended_at = now, changed_at = now, changed_by = p_by,
    reason = p_reason
  where l.cell = c.cell and l.id = c.id;
  return jsonb_build_object(
    'outcome', 'attended', 'state', 'used', 'quantity', c.quantity, 'at', iso(now)
  );
end
$$;
