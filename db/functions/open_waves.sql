-- Opens the waves whose seconds of entry are over, of one benefit or (null) of any: adds their units to
-- the sessions, offers them to who has waited since an earlier wave, and draws the rest among those
-- who entered, once: by SHA-256 of a seed that is made now and stored, and the claim's id. Who got
-- none waits, in the order that was drawn, or has lost where there is no wait list. Answers how many
-- waves. Safe at any time, also twice at once. Locks the wave, then lock_places, then claims' rows;
-- an entry holds the wave while it is written, so none is missed.
create or replace function open_waves(p_benefit integer) returns integer language plpgsql as $$
declare
  w wave;
  terms claim_terms;
  now timestamptz;
  drawn_seed text;
  opened integer := 0;
  entry record;
  -- By an entry's place in the drawn order:
  cells smallint[] := '{}';
  ids uuid[] := '{}';
  states text[] := '{}';
  pools integer[] := '{}';
  topped boolean[] := '{}';
  turns bigint[];
  -- By the number of a session or an allocation, which are told by their ids:
  session_ids integer[];
  session_left integer[];
  pool_ids integer[];
  own integer[];
  of_top_up integer[];
  at integer;
  home integer;
  shared integer;
  charged integer;
begin
  for w in
    select * from wave x
    where x.opened_at is null and x.opens_at + make_interval(secs => x.entry_seconds) <= clock()
      and (p_benefit is null or x.benefit_id = p_benefit)
    order by x.id
  loop
    select * into w from wave x where x.id = w.id for update;
    continue when w.opened_at is not null;
    select * into terms from claim_terms t where t.benefit_id = w.benefit_id;
    perform lock_places(
      w.benefit_id, array(select s.id from session s where s.benefit_id = w.benefit_id)
    );
    now := clock();
    drawn_seed := encode(sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8')), 'hex');
    update session s set cap = s.cap + u.units
    from wave_units u where u.wave_id = w.id and s.id = u.session_id and s.cancelled_at is null;
    perform offer_places(w.benefit_id, u.session_id, now) from wave_units u where u.wave_id = w.id;

    select array_agg(s.id order by s.id), array_agg(s.cap - s.taken order by s.id)
    into session_ids, session_left
    from session s where s.benefit_id = w.benefit_id and s.cancelled_at is null;
    select array_agg(a.id order by a.id), array_agg(own_left(a) order by a.id),
      array_agg(topped_left(a) order by a.id)
    into pool_ids, own, of_top_up
    from allocation a where a.benefit_id = w.benefit_id;
    select '{}', '{}', '{}', '{}', '{}' into cells, ids, states, pools, topped;

    for entry in
      select c.cell, c.id, c.quantity, c.session_id, home.id as home_id, shared.id as shared_id
      from claim c
      join benefit b on b.id = c.benefit_id
      join trade_union employer on employer.id = c.union_id
      left join allocation home on home.benefit_id = b.id
        and home.district_id = employer.district_id
        and home.starts_at = period_start(b.quota_period, c.at)
      left join allocation shared on shared.benefit_id = b.id and shared.district_id is null
        and shared.starts_at = period_start(b.quota_period, c.at)
      where c.benefit_id = w.benefit_id and c.state = 'entered'
      order by sha256(convert_to(drawn_seed || c.id::text, 'UTF8'))
    loop
      charged := null;
      at := array_position(session_ids, entry.session_id);
      if session_left[at] >= entry.quantity then
        home := array_position(pool_ids, entry.home_id);
        shared := array_position(pool_ids, entry.shared_id);
        if own[home] >= entry.quantity then
          own[home] := own[home] - entry.quantity;
          charged := entry.home_id;
        elsif of_top_up[home] >= entry.quantity then
          of_top_up[home] := of_top_up[home] - entry.quantity;
          charged := entry.home_id;
          topped[cardinality(ids) + 1] := true;
        elsif own[shared] >= entry.quantity then
          own[shared] := own[shared] - entry.quantity;
          charged := entry.shared_id;
        end if;
      end if;
      if charged is not null then
        session_left[at] := session_left[at] - entry.quantity;
      end if;
      cells := cells || entry.cell;
      ids := ids || entry.id;
      pools := pools || charged;
      states := states || case
        when charged is null then case when terms.has_wait_list then 'waiting' else 'lost' end
        when terms.needs_approval then 'asked'
        when terms.hold_minutes is not null then 'held'
        else 'confirmed'
      end;
    end loop;

    -- The numbers that they drew when they came, given out anew in the order of this draw.
    select array_agg(c.turn order by c.turn) into turns
    from unnest(cells, ids) as e (cell, id) join claim c on c.cell = e.cell and c.id = e.id;
    with drawn as (
      update claim c
      set state = e.state, allocation_id = e.pool, is_topped = coalesce(topped[e.ord], false),
        turn = turns[e.ord], changed_at = now, changed_by = null,
        answer_by = case
          when e.state = 'held' then now + make_interval(mins => terms.hold_minutes)
        end
      from unnest(cells, ids, states, pools) with ordinality as e (cell, id, state, pool, ord)
      where c.cell = e.cell and c.id = e.id and c.state = 'entered'
      returning c.*
    ),
    counted as (
      update allocation a
      set claimed = a.claimed + taken.units, topped_claimed = a.topped_claimed + taken.topped
      from (
        select d.allocation_id, sum(d.quantity) as units,
          coalesce(sum(d.quantity) filter (where d.is_topped), 0) as topped
        from drawn d where d.allocation_id is not null group by d.allocation_id
      ) taken
      where a.id = taken.allocation_id
    )
    update session s set taken = s.taken + taken.units
    from (
      select d.session_id, sum(d.quantity) as units
      from drawn d where d.allocation_id is not null group by d.session_id
    ) taken
    where s.id = taken.session_id;

    -- What somebody gave up in the meantime.
    perform offer_places(w.benefit_id, n.id, now) from unnest(session_ids) as n (id);
    update wave x set opened_at = now, seed = drawn_seed where x.id = w.id;
    opened := opened + 1;
  end loop;
  return opened;
end
$$;
