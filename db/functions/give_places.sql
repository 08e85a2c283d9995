-- Gives places of a benefit to claims that are entered, in this order, as long as there are any: each of
-- the session that it named, or, where it named none and there are some, of the first in their order
-- that has one left, which are a draw's prizes from the first to the last. Who gets none waits, in
-- this order, or has lost where there is no wait list; what somebody gave up in the meantime is
-- offered. The caller holds lock_places over all sessions of the benefit; the claims' rows are
-- locked here.
create or replace function give_places(
  p_benefit integer,
  p_cells smallint[],
  p_ids uuid[],
  now timestamptz
) returns void language plpgsql as $$
declare
  terms claim_terms;
  entry record;
  states text[] := '{}';
  pools integer[] := '{}';
  topped boolean[] := '{}';
  given integer[] := '{}';
  turns bigint[];
  -- By the number of a session or an allocation, which are told by their ids:
  has_sessions boolean;
  session_ids integer[];
  session_left integer[];
  pool_ids integer[];
  own integer[];
  of_top_up integer[];
  seat integer;
  first integer := 1;
  home integer;
  shared integer;
  charged integer;
  is_topped boolean;
begin
  select * into terms from claim_terms t where t.benefit_id = p_benefit;
  has_sessions := exists (select from session s where s.benefit_id = p_benefit);
  select array_agg(s.id order by s.id), array_agg(s.cap - s.taken order by s.id)
  into session_ids, session_left
  from session s where s.benefit_id = p_benefit and s.cancelled_at is null;
  select array_agg(a.id order by a.id), array_agg(own_left(a) order by a.id),
    array_agg(topped_left(a) order by a.id)
  into pool_ids, own, of_top_up
  from allocation a where a.benefit_id = p_benefit;

  for entry in
    select c.quantity, c.session_id, home.id as home_id, shared.id as shared_id
    from unnest(p_cells, p_ids) with ordinality as e (cell, id, ord)
    join claim c on c.cell = e.cell and c.id = e.id
    join benefit b on b.id = c.benefit_id
    join trade_union employer on employer.id = c.union_id
    left join allocation home on home.benefit_id = b.id and home.district_id = employer.district_id
      and home.starts_at = period_start(b.quota_period, c.at)
    left join allocation shared on shared.benefit_id = b.id and shared.district_id is null
      and shared.starts_at = period_start(b.quota_period, c.at)
    order by e.ord
  loop
    charged := null;
    is_topped := false;
    if entry.session_id is not null then
      seat := array_position(session_ids, entry.session_id);
    else
      while session_left[first] < 1 loop
        first := first + 1;
      end loop;
      seat := first;
    end if;
    if session_left[seat] >= entry.quantity or not has_sessions then
      home := array_position(pool_ids, entry.home_id);
      shared := array_position(pool_ids, entry.shared_id);
      if own[home] >= entry.quantity then
        own[home] := own[home] - entry.quantity;
        charged := entry.home_id;
      elsif of_top_up[home] >= entry.quantity then
        of_top_up[home] := of_top_up[home] - entry.quantity;
        charged := entry.home_id;
        is_topped := true;
      elsif own[shared] >= entry.quantity then
        own[shared] := own[shared] - entry.quantity;
        charged := entry.shared_id;
      end if;
    end if;
    if charged is not null and has_sessions then
      session_left[seat] := session_left[seat] - entry.quantity;
    end if;
    pools := pools || charged;
    topped := topped || is_topped;
    given := given || case when charged is null then entry.session_id else session_ids[seat] end;
    states := states || case
      when charged is null then case when terms.has_wait_list then 'waiting' else 'lost' end
      when terms.needs_approval then 'asked'
      when terms.hold_minutes is not null then 'held'
      else 'confirmed'
    end;
  end loop;

  -- The numbers that they drew when they came, given out anew in this order.
  select array_agg(c.turn order by c.turn) into turns
  from unnest(p_cells, p_ids) as e (cell, id) join claim c on c.cell = e.cell and c.id = e.id;
  with drawn as (
    update claim c
    set state = e.state, allocation_id = e.pool, is_topped = topped[e.ord], session_id = e.session,
      turn = turns[e.ord], changed_at = now, changed_by = null,
      answer_by = case
        when e.state = 'held' then least(
          now + make_interval(mins => terms.hold_minutes),
          (select s.starts_at from session s where s.id = e.session)
        )
      end
    from unnest(p_cells, p_ids, states, pools, given) with ordinality
      as e (cell, id, state, pool, session, ord)
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
  perform offer_places(p_benefit, null, now);
end
$$;
