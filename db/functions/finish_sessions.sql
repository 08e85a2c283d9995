-- Housekeeping: when a session is finished (finished_at) says what became of its claims, a hundred sessions at
-- most. Who came, if only in part, has used his. Where attendance was recorded, who did not come is
-- a no-show, with the mark that the terms have for it, but not whom somebody let in at the door. Where
-- nobody's was, or the benefit or the partner was stopped by then, nothing can be said against
-- anyone, and the claim lapses, as does what still waited or was asked. Answers how many claims. Safe twice at once. Locks lock_places_of, then the claims' rows.
create or replace function finish_sessions() returns integer language plpgsql as $$
declare
  over record;
  benefits integer[];
  sessions integer[];
  gone record;
  finished integer := 0;
  now timestamptz;
begin
  select array_agg(distinct f.benefit_id), array_agg(f.id) into benefits, sessions
  from (
    select s.id, s.benefit_id from session s
    where s.ends_at <= clock() and finished_at(s) <= clock() and s.cancelled_at is null
      and s.ends_at > clock() - interval '30 days'
      and exists (
        select from claim c
        where c.session_id = s.id
          and c.state in ('entered', 'asked', 'held', 'waiting', 'offered', 'confirmed')
      )
    order by s.benefit_id, s.id limit 100
  ) f;
  if sessions is null then
    return 0;
  end if;
  perform lock_places_of(benefits, sessions);
  for over in
    select s.id, s.benefit_id,
      s.starts_at - make_interval(mins => t.door_minutes) as door_at,
      -- Where a card would have been refused at the door, nobody can have missed it.
      b.paused_at <= s.ends_at or b.stage = 'ended' or p.paused_at <= s.ends_at
        or p.ended_at <= s.ends_at as is_barred
    from session s
    join benefit b on b.id = s.benefit_id
    join claim_terms t on t.benefit_id = b.id
    left join outlet o on o.id = s.outlet_id
    left join partner p on p.id = o.partner_id
    where s.id = any (sessions)
    order by s.benefit_id, s.id
  loop
    now := clock();
    select array_agg(l.cell) as cells, array_agg(l.id) as ids,
      array_agg(
        case
          when l.state = 'entered' then 'lost'
          when l.state = 'held' then 'expired'
          when l.state <> 'confirmed' then 'lapsed'
          when l.used > 0 then 'used'
          -- Somebody saw him at the door, so he was there, whatever became of his use.
          when l.made_by is not null and l.made_at >= over.door_at then 'lapsed'
          when over.is_barred is not true and exists (
            select from claim came where came.session_id = over.id and came.used > 0
          ) then 'no_show'
          else 'lapsed'
        end
      ) as states
    into gone
    from (
      select c.* from claim c
      where c.session_id = over.id
        and c.state in ('entered', 'asked', 'held', 'waiting', 'offered', 'confirmed')
      order by c.cell, c.id
      for update
    ) l;
    continue when gone.ids is null;
    perform release_claims(gone.cells, gone.ids, gone.states, null, null, now);
    perform offer_places(over.benefit_id, null, now);
    perform mark_claim(c, 'no_show', now)
    from unnest(gone.cells, gone.ids) as g (cell, id)
    join claim c on c.cell = g.cell and c.id = g.id
    where c.state = 'no_show';
    finished := finished + cardinality(gone.ids);
  end loop;
  return finished;
end
$$;
