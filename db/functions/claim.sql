-- Claims a batch: one answer an item, in the batch's order, in a constant number of statements
-- whatever the batch, as redeem() does.
--
-- Guarantees. One id has one claim. Neither a session nor an allocation gives more than its cap, a
-- member stays within his limits, nobody claims before the stated second, and a wave is drawn once,
-- whatever runs beside it; constraints hold all of it once more. Refusals are rows and write
-- nothing; the same id may be sent again. An earlier item's success, and only its success, counts
-- against a later one.
--
-- Outcome: 'made' (new; `state` says what), 'replayed' (stored before, with the state it has by
-- now), 'upkeep_due' (see claim_read_2), or a reason. Order: the id, session_revoked,
-- member_unknown, member_left, session_unknown, benefit_refusal, session_cancelled, session_over,
-- claims_not_open, claims_closed, answers_invalid, limit_reached, category_limit_reached, already_waiting,
-- session_full, quota_exhausted. Of two members that race for one id, the later one hears
-- exists_with_different_content.
--
-- A place comes from one pool: the home allocation's own, its top-up, or the shared one. Where there
-- is none, an item that says so waits.
--
-- Locks. Member rows in key order, then waves in id order and draws by benefit (shared, so that entries
-- keep no other out, and who draws waits for all of them), then home allocations in id order, then shared ones, only where home cannot serve
-- all, then sessions in id order. Insists on READ COMMITTED. The settings: as redeem()'s.
create or replace function claim(p_items jsonb)
returns table (
  ord integer,
  outcome text,
  id uuid,
  state text,
  at timestamptz,
  made_at timestamptz,
  answer_by timestamptz,
  detail jsonb
)
language plpgsql
set plan_cache_mode = force_generic_plan
set join_collapse_limit = 1
set enable_hashjoin = off
set enable_mergejoin = off
set enable_seqscan = off
set enable_material = off
as $$
#variable_conflict use_column
declare
  now timestamptz := clock();
  items claim_item_2[];
  item claim_item_2;
  verdict text;
  -- Of items that enter a draw by lot.
  is_drawn boolean;
  -- By an item's position:
  members bigint[];
  outcomes text[];
  claimed integer[];
  enters boolean[];
  is_waiting boolean[];
  states text[];
  charged integer[];
  is_topped boolean[];
  made_ids uuid[];
  -- The counters, and beside them of what they are:
  home_ids integer[];
  home_left integer[];
  topped_left integer[];
  shared_ids integer[];
  shared_left integer[];
  session_ids integer[];
  session_left integer[];
  counter record;
  -- Of the item in hand: whether an earlier one is the same member's, and the positions of its counters.
  has_come boolean;
  claimed_here integer;
  waits_here boolean;
  home integer;
  shared integer;
  seat integer;
begin
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'claim() needs READ COMMITTED' using errcode = 'invalid_transaction_state';
  end if;

  -- 1. One read gives each item its first outcome, with nothing locked.
  select array_agg(i order by i.ord), array_agg(i.outcome order by i.ord),
    array_agg(i.member_id order by i.ord), array_agg(i.is_entry order by i.ord),
    bool_or(i.is_entry and i.wave_id is null)
  into items, outcomes, members, enters, is_drawn
  from claim_read_2(p_items, now) i;

  -- 2. The members of what is left, in one order for everybody.
  perform from (
    select distinct i.cell, i.member_id from unnest(items) i where i.outcome is null
  ) owner
  join member m on m.cell = owner.cell and m.id = owner.member_id
  order by m.cell, m.id
  for no key update of m;

  if found then
    -- 3. What only these locks can tell, in a new snapshot.
    select
      array_agg(
        case
          when i.outcome is not null then i.outcome
          when r.id is not null then 'replayed'
          when u.used + c.claimed + i.quantity > i.limit_count then 'limit_reached'
        end
        order by i.ord
      ),
      array_agg(u.used + c.claimed order by i.ord),
      array_agg(
        -- As in member_claims, no index by states.
        i.outcome is null and coalesce((
          select bool_or(w.state in ('waiting', 'offered')) from claim w
          where w.cell = i.cell and w.member_id = i.member_id and w.benefit_id = i.benefit_id
            and w.session_id is not distinct from i.session_id
        ), false)
        order by i.ord
      )
    into outcomes, claimed, is_waiting
    from unnest(items) i
    left join claim r on i.outcome is null and r.cell = i.cell and r.id = i.id
    left join lateral member_uses(
      i.cell, i.member_id, i.benefit_id, i.limit_starts, i.limit_ends
    ) u on true
    left join lateral member_claims(
      i.cell, i.member_id, i.benefit_id, i.limit_starts, i.limit_ends
    ) c on true;

    -- Who comes while a wave is being drawn waits here, and finds it open.
    for counter in
      select w.id, w.opened_at from wave w
      where w.id in (select i.wave_id from unnest(items) i where outcomes[i.ord] is null)
      order by w.id
      for share
    loop
      if counter.opened_at is not null then
        select array_agg(enters[i.ord] and i.wave_id <> counter.id order by i.ord) into enters
        from unnest(items) i;
      end if;
    end loop;

    -- Whose list was closed meanwhile takes nobody in.
    if is_drawn then
      perform from draw d
      where d.benefit_id in (
        select i.benefit_id from unnest(items) i where outcomes[i.ord] is null and i.wave_id is null
      )
      order by d.benefit_id
      for share;
      select array_agg(
        case
          when outcomes[i.ord] is null and enters[i.ord] and i.wave_id is null and not exists (
            select from draw d where d.benefit_id = i.benefit_id and d.listed_at is null
          ) then 'claims_closed'
          else outcomes[i.ord]
        end
        order by i.ord
      )
      into outcomes
      from unnest(items) i;
    end if;

    -- 4. The counters, for what takes a place: home first, then shared, then the sessions.
    for counter in
      select a.id, own_left(a) as units, topped_left(a) as topped
      from (
        select distinct i.home_id from unnest(items) i
        where outcomes[i.ord] is null and enters[i.ord] is not true
      ) h
      join allocation a on a.id = h.home_id
      order by a.id
      for no key update of a
    loop
      home_ids := home_ids || counter.id;
      home_left := home_left || counter.units;
      topped_left := topped_left || counter.topped;
    end loop;

    for counter in
      select a.id, own_left(a) as units
      from (
        select i.shared_id
        from (
          select w.shared_id, w.home_id, sum(w.quantity) as wanted
          from unnest(items) w
          where outcomes[w.ord] is null and enters[w.ord] is not true
          group by w.shared_id, w.home_id
        ) i
        where i.wanted > coalesce(home_left[array_position(home_ids, i.home_id)], 0)
        group by i.shared_id
      ) s
      join allocation a on a.id = s.shared_id
      order by a.id
      for no key update of a
    loop
      shared_ids := shared_ids || counter.id;
      shared_left := shared_left || counter.units;
    end loop;

    for counter in
      select s.id, s.cap - s.taken as units
      from (
        select distinct i.session_id from unnest(items) i
        where outcomes[i.ord] is null and enters[i.ord] is not true
      ) n
      join session s on s.id = n.session_id
      order by s.id
      for no key update of s
    loop
      session_ids := session_ids || counter.id;
      session_left := session_left || counter.units;
    end loop;

    -- 5. Decide in memory, one item after the other.
    foreach item in array items loop
      verdict := outcomes[item.ord];
      if item.id = any (made_ids) then
        outcomes[item.ord] := 'replayed';
        continue;
      elsif verdict is not null and verdict not in (
        'limit_reached', 'category_limit_reached', 'session_full', 'quota_exhausted'
      ) then
        continue; -- It ranks before all that follows.
      end if;

      has_come := array_position(members, item.member_id) < item.ord;
      claimed_here := 0;
      waits_here := false;
      if has_come then
        select
          coalesce(sum(w.quantity) filter (
            where states[w.ord] <> 'waiting'
              and w.at >= item.limit_starts and w.at < item.limit_ends
          ), 0),
          coalesce(bool_or(
            states[w.ord] = 'waiting' and w.session_id is not distinct from item.session_id
          ), false)
        into claimed_here, waits_here
        from unnest(items) w
        where w.ord < item.ord
          and (w.cell, w.member_id, w.benefit_id) = (item.cell, item.member_id, item.benefit_id);
      end if;
      if claimed[item.ord] + claimed_here + item.quantity > item.limit_count then
        verdict := 'limit_reached';
      elsif item.category is not null then
        verdict := case
          when (
            select category_left(
              item.cell, item.member_id, item.category, item.union_id, item.at,
              coalesce(array_agg(w.at), '{}'), coalesce(array_agg(w.quantity), '{}')
            )
            from unnest(items) w
            where has_come and w.ord < item.ord and states[w.ord] <> 'waiting'
              and (w.cell, w.member_id, w.category) = (item.cell, item.member_id, item.category)
          ) < item.quantity then 'category_limit_reached'
          else verdict
        end;
      end if;

      home := array_position(home_ids, item.home_id);
      shared := array_position(shared_ids, item.shared_id);
      seat := array_position(session_ids, item.session_id);
      if verdict is null and enters[item.ord] then
        states[item.ord] := 'entered';
      elsif verdict is null and not coalesce(session_left[seat] < item.quantity, false)
        and greatest(home_left[home], topped_left[home], shared_left[shared]) >= item.quantity
      then
        if home_left[home] >= item.quantity then
          home_left[home] := home_left[home] - item.quantity;
          charged[item.ord] := item.home_id;
        elsif topped_left[home] >= item.quantity then
          topped_left[home] := topped_left[home] - item.quantity;
          charged[item.ord] := item.home_id;
          is_topped[item.ord] := true;
        else
          shared_left[shared] := shared_left[shared] - item.quantity;
          charged[item.ord] := item.shared_id;
        end if;
        if seat is not null then
          session_left[seat] := session_left[seat] - item.quantity;
        end if;
        states[item.ord] := case
          when item.needs_approval then 'asked'
          when item.hold_minutes is not null then 'held'
          else 'confirmed'
        end;
      elsif verdict is null and item.waits then
        if is_waiting[item.ord] or waits_here then
          verdict := 'already_waiting';
        else
          states[item.ord] := 'waiting';
        end if;
      else
        verdict := coalesce(
          verdict,
          case when session_left[seat] < item.quantity then 'session_full' else 'quota_exhausted' end
        );
      end if;

      if states[item.ord] is not null then
        verdict := 'made';
        made_ids := made_ids || item.id;
      end if;
      outcomes[item.ord] := verdict;
    end loop;

    -- 6. Write as a set; counters follow the rows really inserted.
    if 'made' = any (outcomes) then
      now := clock();
      with made as (
        insert into claim (
          cell, id, member_id, benefit_id, session_id, union_id, allocation_id, is_topped, quantity,
          state, at, made_at, made_by, answer_by, answers, changed_at, changed_by
        )
        select i.cell, i.id, i.member_id, i.benefit_id, i.session_id, i.union_id, charged[i.ord],
          is_topped[i.ord] is true, i.quantity, states[i.ord], i.at, now,
          case when not i.is_own then i.user_id end,
          case
            when states[i.ord] = 'held' then least(
              now + make_interval(mins => i.hold_minutes),
              (select s.starts_at from session s where s.id = i.session_id)
            )
          end,
          i.answers, now, i.user_id
        from unnest(items) i
        where states[i.ord] is not null
        order by i.ord
        on conflict (cell, id) do nothing
        returning *
      ),
      placed as materialized (select * from made where allocation_id is not null),
      counted as (
        update allocation a
        set claimed = a.claimed + taken.units, topped_claimed = a.topped_claimed + taken.topped
        from (
          select p.allocation_id, sum(p.quantity) as units,
            coalesce(sum(p.quantity) filter (where p.is_topped), 0) as topped
          from placed p group by p.allocation_id
        ) taken
        where a.id = taken.allocation_id
      )
      update session s set taken = s.taken + taken.units
      from (
        select p.session_id, sum(p.quantity) as units
        from placed p where p.session_id is not null group by p.session_id
      ) taken
      where s.id = taken.session_id;
    end if;
  end if;

  -- 7. The answer to a taken id is its row, if the content is the same.
  return query
  select
    i.ord,
    case
      when outcomes[i.ord] in ('made', 'replayed') and c.id is null
        then 'exists_with_different_content'
      else outcomes[i.ord]
    end,
    i.id,
    c.state,
    c.at,
    c.made_at,
    c.answer_by,
    case
      when c.id is null then claim_refusal_detail(
        outcomes[i.ord], i.cell, i.member_id, i.benefit_id, i.session_id, i.at
      )
    end
  from unnest(items) i
  left join claim c on outcomes[i.ord] in ('made', 'replayed') and c.cell = i.cell and c.id = i.id
    and (c.member_id, c.benefit_id, c.quantity) = (i.member_id, i.benefit_id, i.quantity)
    -- Its session as it was asked for: it may have been moved since.
    and (outcomes[i.ord] = 'made' or c.answers = i.answers and (
      select e.session_id from claim_event e
      where e.cell = c.cell and e.claim_id = c.id and e.before is null
    ) is not distinct from i.session_id)
  order by i.ord;
end
$$;
