-- Calls a session off: what was claimed of it ends without a mark, and every member concerned is told,
-- with the reason; who waits for another session is offered what its pools have free by that. False when it was called off before or has begun. The caller may do so. Locks
-- lock_places, then the claims' rows.
create or replace function cancel_session(p_session integer, p_by text, p_reason text) returns boolean
language plpgsql as $$
declare
  s session;
  gone record;
  now timestamptz;
begin
  select * into s from session x where x.id = p_session;
  perform lock_places(s.benefit_id, array[s.id]);
  now := clock();
  update session x set cancelled_at = now, cancel_reason = p_reason
  where x.id = s.id and x.cancelled_at is null and (x.starts_at > now) is not false;
  if not found then
    return false;
  end if;
  select array_agg(l.cell) as cells, array_agg(l.id) as ids into gone
  from (
    select c.* from claim c
    where c.session_id = s.id and claim_may(c.state, 'cancelled') and c.used = 0
    order by c.cell, c.id
    for update
  ) l;
  if gone.ids is not null then
    perform release_claims(
      gone.cells, gone.ids, array_fill('cancelled'::text, array[cardinality(gone.ids)]), p_by, p_reason, now
    );
    perform offer_places(s.benefit_id, null, now);
  end if;
  return true;
end
$$;
