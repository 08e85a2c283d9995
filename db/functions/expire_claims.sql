-- Ends what was held or offered for too long, by the database's clock, of one benefit or (null) of a
-- hundred claims of any, and offers what comes free to who waits. Answers how many ended. Safe at any
-- time, also twice at once. Locks lock_places, then the claims' rows: no members, whose limits this
-- only frees.
create or replace function expire_claims(p_benefit integer) returns integer language plpgsql as $$
declare
  due record;
  gone record;
  ended integer := 0;
begin
  for due in
    select d.benefit_id, array_agg(distinct d.session_id) filter (where d.session_id is not null) as sessions
    from (
      select c.benefit_id, c.session_id from claim c
      where c.state in ('held', 'offered') and c.answer_by <= clock()
        and (p_benefit is null or c.benefit_id = p_benefit)
      order by c.benefit_id, c.answer_by limit 1000
    ) d
    group by d.benefit_id order by d.benefit_id
  loop
    perform lock_places(due.benefit_id, due.sessions);
    select array_agg(c.cell) as cells, array_agg(c.id) as ids,
      array_agg(case c.state when 'held' then 'expired' else 'lapsed' end) as states
    into gone
    from (
      select l.* from claim l
      where l.benefit_id = due.benefit_id and l.state in ('held', 'offered')
        and l.answer_by <= clock()
        and (l.session_id is null or l.session_id = any (due.sessions))
      order by l.cell, l.id
      for update
    ) c;
    continue when gone.ids is null;
    perform release_claims(gone.cells, gone.ids, gone.states, null, null, clock());
    perform offer_places(due.benefit_id, o.session_id, clock())
    from (
      select distinct c.session_id from claim c
      join unnest(gone.cells, gone.ids) as g (cell, id) on c.cell = g.cell and c.id = g.id
    ) o;
    ended := ended + cardinality(gone.ids);
  end loop;
  return ended;
end
$$;
