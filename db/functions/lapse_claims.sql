-- Ends what is still claimed of a benefit that is over, and that nobody can use any more: of one, or
-- (null) housekeeping, of those over in the last thirty days, as far as no session of theirs is to be
-- finished (finish_sessions). Members are told benefit_ended: an entry has lost, what was held has
-- expired, all else lapses, and what was used in part is used. Nothing is offered. Answers how many.
-- Safe twice at once. The caller holds the benefit, or nothing; locks lock_places_of, then the claims' rows.
create or replace function lapse_claims(p_benefit integer) returns integer language plpgsql as $$
declare
  over integer[];
  gone record;
  now timestamptz := clock();
begin
  select array_agg(b.id order by b.id) into over
  from (
    select x.id from benefit x
    where x.claim_kind is not null and (x.stage = 'ended' or x.ends_at <= now)
      and case
        when p_benefit is null then x.ends_at > now - interval '30 days' and exists (
          select from claim c
          where c.session_id is null and c.benefit_id = x.id
            and c.state in ('entered', 'asked', 'held', 'waiting', 'offered', 'confirmed')
        )
        else x.id = p_benefit
      end
    order by x.id
    limit 20
  ) b;
  if over is null then
    return 0;
  end if;
  perform lock_places_of(over, array(select s.id from session s where s.benefit_id = any (over)));
  now := clock();
  select array_agg(l.cell) as cells, array_agg(l.id) as ids,
    array_agg(
      case
        when l.state = 'entered' then 'lost'
        when l.state = 'held' then 'expired'
        when l.used > 0 then 'used'
        else 'lapsed'
      end
    ) as states
  into gone
  from (
    select c.* from claim c
    left join session s on s.id = c.session_id
    where c.benefit_id = any (over) and (s.starts_at > now) is not false
      and c.state in ('entered', 'asked', 'held', 'waiting', 'offered', 'confirmed')
    order by c.cell, c.id
    limit 10000
    for update of c
  ) l;
  if gone.ids is null then
    return 0;
  end if;
  perform release_claims(gone.cells, gone.ids, gone.states, null, 'benefit_ended', now);
  return cardinality(gone.ids);
end
$$;
