-- Ends all that members have claimed, because they may not use it any more: what waits, is entered or
-- holds a place is cancelled, without a mark, and they are told `p_reason`; of what was used in part the
-- rest lapses. Who waits is offered what comes free. Answers how many. The caller holds the members,
-- in key order; locks lock_places_of, then the claims' rows.
create or replace function end_claims(p_members bigint[], p_reason text) returns integer
language plpgsql as $$
declare
  held record;
  gone record;
  now timestamptz;
begin
  select array_agg(distinct c.benefit_id order by c.benefit_id) as benefits,
    array_agg(distinct c.session_id) as sessions
  into held
  from unnest(p_members) as m (id)
  join claim c on c.cell = (m.id & 63)::smallint and c.member_id = m.id
    and c.state in ('entered', 'asked', 'held', 'waiting', 'offered', 'confirmed');
  if held.benefits is null then
    return 0;
  end if;
  perform lock_places_of(held.benefits, held.sessions);
  now := clock();
  select array_agg(l.cell) as cells, array_agg(l.id) as ids,
    array_agg(case when l.used > 0 then 'used' else 'cancelled' end) as states
  into gone
  from (
    select c.* from unnest(p_members) as m (id)
    join claim c on c.cell = (m.id & 63)::smallint and c.member_id = m.id
      and c.state in ('entered', 'asked', 'held', 'waiting', 'offered', 'confirmed')
    order by c.cell, c.id
    for update of c
  ) l;
  if gone.ids is null then
    return 0;
  end if;
  perform release_claims(gone.cells, gone.ids, gone.states, null, p_reason, now);
  perform offer_places(b.id, null, now)
  from (select id from unnest(held.benefits) with ordinality as o (id, ord) order by o.ord) b;
  return cardinality(gone.ids);
end
$$;
