-- Takes back that who has a claim came, which was said of the wrong one: it is confirmed again. Answers
-- `{outcome, state, quantity}`: absent; replayed (nobody has said so, or it was taken back);
-- claim_ended; or, once its session is finished, claim_not_now. The caller may do so. Locks as lock_claim.
create or replace function unattend_claim(p_id uuid, p_by text, p_reason text) returns jsonb
language plpgsql as $$
declare
  c claim;
  now timestamptz;
begin
  c := lock_claim(p_id);
  now := clock();
  if c.state = 'confirmed' and c.used = 0 then
    return jsonb_build_object('outcome', 'replayed', 'state', c.state, 'quantity', c.quantity);
  elsif c.state <> 'used' or c.attended_at is null then
    return jsonb_build_object('outcome', 'claim_ended', 'state', c.state);
  elsif exists (
    select from session s where s.id = c.session_id and finished_at(s) <= now
  ) then
    return jsonb_build_object('outcome', 'claim_not_now', 'state', c.state);
  end if;

  update allocation a
  set used = a.used - c.quantity, claimed = a.claimed + c.quantity,
    topped_used = a.topped_used - case when c.is_topped then c.quantity else 0 end,
    topped_claimed = a.topped_claimed + case when c.is_topped then c.quantity else 0 end
  where a.id = c.allocation_id;
  update claim l
  set state = 'confirmed', used = 0, attended_at = null, changed_at = now, changed_by = p_by,
    reason = p_reason
  where l.cell = c.cell and l.id = c.id;
  return jsonb_build_object('outcome', 'absent', 'state', 'confirmed', 'quantity', c.quantity);
end
$$;
