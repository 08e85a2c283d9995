-- Ends what was held or offered for too long, by the database's clock, of one benefit or (null) of
-- any, a thousand claims at most, and offers what comes free to who waits. Answers how many ended. Safe at any
-- time, also twice at once. Locks lock_places_of, then the claims' rows: no members, whose limits this
-- only frees.
create or replace function expire_claims(p_benefit integer) returns integer language plpgsql as $$
declare
  due record;
  gone record;
  ended integer := 0;
  one integer;
begin
  select array_agg(distinct d.benefit_id order by d.benefit_id) as benefits,
    array_agg(distinct d.session_id) as sessions
  into due
  from (
    select c.benefit_id, c.session_id from claim c
    where c.state in ('held', 'offered') and c.answer_by <= clock()
      and (p_benefit is null or c.benefit_id = p_benefit)
    order by c.benefit_id, c.answer_by limit 1000
  ) d;
  if due.benefits is null then
    return 0;
  end if;
  perform lock_places_of(due.benefits, due.sessions);
  foreach one in array due.benefits loop
    select array_agg(c.cell) as cells, array_agg(c.id) as ids,
      array_agg(case c.state when 'held' then 'expired' else 'lapsed' end) as states
    into gone
    from (
      select l.* from claim l
      where l.benefit_id = one and l.state in ('held', 'offered')
        and l.answer_by <= clock()
        and (l.session_id is null or l.session_id = any (due.sessions))
      order by l.cell, l.id
      for update
    ) c;
    continue when gone.ids is null;
    perform release_claims(gone.cells, gone.ids, gone.states, null, null, clock());
    perform offer_places(one, null, clock());
    ended := ended + cardinality(gone.ids);
  end loop;
  return ended;
end
$$;
