-- lock_places, of several benefits at once: what is done to them in one transaction locks all of them before
-- it begins, so that nobody meets it half way. Nobody begins to wait while it is held: who does holds an
-- allocation.
create or replace function lock_places_of(p_benefits integer[], p_sessions integer[]) returns void
language plpgsql as $$
begin
  perform from allocation a where a.benefit_id = any (p_benefits)
  order by a.district_id is null, a.id
  for no key update;
  perform from session s
  where s.benefit_id = any (p_benefits) and (
    s.id = any (p_sessions)
    or exists (select from benefit b where b.id = s.benefit_id and b.claim_kind = 'draw')
    or exists (select from claim c where c.session_id = s.id and c.state = 'waiting')
  )
  order by s.id
  for no key update;
end
$$;
