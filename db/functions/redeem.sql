-- Redeems a batch: one answer an item, in the batch's order. Whatever the batch, it runs a constant
-- number of statements.
--
-- Guarantees. One id has one effect and one answer: its row. A pass is used once a benefit, a
-- member stays within his limit, an allocation within its cap, whatever runs beside it; constraints
-- hold all of it once more. A redemption, its transfer and its counter are written together.
-- Refusals are rows and write nothing; the same id may be sent again. An earlier item's success,
-- and only its success, counts against a later one.
--
-- Who bears it is frozen with it, by the benefit's funding rule: a transfer for each payer. A use
-- takes its places from one pool: the home allocation's own, its top-up, which that district alone
-- pays, or the shared one. Of an admission with a cap, one a day counts on the newest day it was
-- used on.
--
-- Of a benefit that is claimed it uses up the member's claim: the place is that claim's, and so is the
-- limit; the claim's row is written like a counter.
--
-- Outcome: 'accepted' (new), 'replayed' (stored before, same content), or a reason. Order: the id,
-- standing_refusal, benefit_refusal, pass_already_used, limit_reached, category_limit_reached,
-- partner_day_cap_reached, partner_cap_reached, quota_exhausted. Of two members that race for one
-- id, the later one hears exists_with_different_content; what its batch counted for it stays
-- unused, and whoever that refused may be sent again. `detail` says more of a refusal, and of a use
-- what the member pays of it at the counter, where he pays something.
--
-- What a device did without a network (`device`) has happened: standing, benefit and `held` refuse
-- it like any other, but one use too many is written, as a variance. It spends its `lease`; one
-- that ended, is another's or is used up leaves it to the pools, and without a place there it
-- counts nowhere. A variance owns no pass and counts against no limit; the benefit's policy says
-- who pays it, and its id is answered by its reason, with its row. What a union decided to pay
-- (`variance`) is never the partner's. `cardLeft` is what the device may still give the card that
-- day; beyond it card_uses_a_day, and nothing is written. The caller holds the device.
--
-- Locks. Member rows in key order, then home allocations in id order, then shared ones in id order,
-- only where home cannot serve all, then admissions with a cap by their key, then leases in id
-- order, then claims. A claim's pool is locked with the home ones. A pool that is short takes back the leases whose grace is over. Insists on READ COMMITTED:
-- each statement must see what the locks before it waited for. The settings: a recordset is planned
-- as a hundred rows, and would be hashed and sorted for one.
create or replace function redeem(p_items jsonb)
returns table (
  ord integer,
  outcome text,
  id uuid,
  at timestamptz,
  quantity integer,
  price_fen integer,
  allocation_id integer,
  member_left integer,
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
  -- A variable, because a volatile argument would keep redeem_read_4 from being inlined.
  now timestamptz := clock();
  items redeem_item_4[];
  item redeem_item_4;
  verdict text;
  -- By an item's position:
  outcomes text[];
  uses integer[];
  charged integer[];
  is_topped boolean[];
  member_left integer[];
  -- By a slot of redeem_item_4:
  is_id_taken boolean[];
  is_pass_used boolean[];
  used_here integer[];
  home_left integer[];
  topped_left integer[];
  shared_left integer[];
  counter record;
  short integer[];
  -- Of admissions with a cap: an item's slot, and by these the terms and what is left of them.
  is_capped boolean;
  admission_slots integer[];
  cap_left integer[];
  caps_a_day integer[];
  days date[];
  used_on_days integer[];
  day date;
  blocked text;
  -- Of items whose benefit has a funding rule.
  is_funded boolean;
  is_claimed boolean;
  leg_ids uuid[];
  legs smallint[];
  leg_payers integer[];
  leg_payees integer[];
  leg_creditors integer[];
  leg_amounts bigint[];
  co_payments bigint[];
  discounts bigint[];
  -- Of what devices did, by position: what redeem_offline tells, the reason of a variance, and the
  -- lease that was spent.
  is_offline boolean;
  is_covered boolean[];
  leases integer[];
  lease_slots integer[];
  card_slots integer[];
  variance_payers integer[];
  variances text[];
  spent integer[];
  -- By these slots:
  lease_left integer[];
  given_here integer[];
  is_leased boolean;
  reason text;
begin
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'redeem() needs READ COMMITTED' using errcode = 'invalid_transaction_state';
  end if;

  -- 1. One read gives each item its first outcome, with nothing locked.
  select array_agg(i order by i.ord), array_agg(i.outcome order by i.ord),
    bool_or(i.device_id is not null), bool_or(i.is_capped), bool_or(i.funding is not null),
    bool_or(i.claim_id is not null)
  into items, outcomes, is_offline, is_capped, is_funded, is_claimed
  from redeem_read_4(p_items, now) i;

  -- 2. The members of what is left, in one order for everybody.
  perform from (
    select distinct i.cell, i.member_id from unnest(items) i where i.outcome is null
  ) owner
  join member m on m.cell = owner.cell and m.id = owner.member_id
  order by m.cell, m.id
  for no key update of m;

  if found then
    -- 3. What only these locks can tell, in a new snapshot: the id once more, the pass, the uses.
    select
      array_agg(
        case
          when i.outcome is not null then i.outcome
          when r.id is not null then 'replayed'
          when i.variance is not null then null
          when p.id is not null then 'pass_already_used'
          when i.claim_id is not null and c.state is distinct from 'confirmed' then 'claim_needed'
          when coalesce(c.used, u.used) + i.quantity > i.limit_count then 'limit_reached'
        end
        order by i.ord
      ),
      array_agg(coalesce(c.used, u.used) order by i.ord)
    into outcomes, uses
    from unnest(items) i
    left join redemption r on i.outcome is null and r.cell = i.cell and r.id = i.id
    left join redemption p on i.outcome is null
      and p.cell = i.cell and p.card_number = i.card_number and p.jti = i.jti
      and p.benefit_id = i.benefit_id and p.variance is null
    left join claim c on i.outcome is null and c.cell = i.cell and c.id = i.claim_id
    left join lateral member_uses(
      i.cell, i.member_id, i.benefit_id, i.limit_starts, i.limit_ends
    ) u on true;

    if is_offline then
      select o.* into is_covered, leases, lease_slots, card_slots, variance_payers
      from redeem_offline(items, outcomes, now) o;
    end if;

    -- A claim's place is its own, wherever its pool: so that one is locked before its row.
    if is_claimed then
      perform from allocation a
      where a.id in (
        select unnest(array[i.home_id, i.claim_pool_id]) from unnest(items) i
        where outcomes[i.ord] is null
      )
      order by a.district_id is null, a.id
      for no key update;
    end if;

    -- 4. The counters: home first, then the shared ones for what home may not have room for.
    for counter in
      select own_left(a) as units, topped_left(a) as topped, h.home_slot as slot
      from (
        select distinct i.home_id, i.home_slot from unnest(items) i
        where outcomes[i.ord] is null and is_covered[i.ord] is not true and i.variance is null
      ) h
      join allocation a on a.id = h.home_id
      order by a.id
      for no key update of a
    loop
      home_left[counter.slot] := counter.units;
      topped_left[counter.slot] := counter.topped;
    end loop;

    for counter in
      select a.id, a.leased, own_left(a) as units, s.wanted, s.shared_slot as slot
      from (
        select i.shared_id, i.shared_slot, sum(i.quantity) as wanted
        from (
          select w.*, sum(w.quantity) over (partition by w.home_slot order by w.ord) as wanted
          from unnest(items) w
          where outcomes[w.ord] is null and is_covered[w.ord] is not true and w.variance is null
        ) i
        where i.wanted > coalesce(home_left[i.home_slot], 0)
        group by i.shared_id, i.shared_slot
      ) s
      join allocation a on a.id = s.shared_id
      order by a.id
      for no key update of a
    loop
      shared_left[counter.slot] := counter.units;
      if counter.leased > 0 and counter.units < counter.wanted then
        short := short || counter.id;
      end if;
    end loop;

    if is_capped then
      for counter in
        select i.ord, i.slot, a.cap - a.used as units, a.cap_a_day, a.day, a.used_on_day
        from (
          select w.ord, w.benefit_id, w.partner_id,
            min(w.ord) over (partition by w.benefit_id, w.partner_id) as slot
          from unnest(items) w
          where w.is_capped and outcomes[w.ord] is null and w.variance is null
        ) i
        join benefit_partner a on a.benefit_id = i.benefit_id and a.partner_id = i.partner_id
        order by a.benefit_id, a.partner_id
        for no key update of a
      loop
        admission_slots[counter.ord] := counter.slot;
        cap_left[counter.slot] := counter.units;
        caps_a_day[counter.slot] := counter.cap_a_day;
        days[counter.slot] := counter.day;
        used_on_days[counter.slot] := counter.used_on_day;
      end loop;
    end if;

    if is_offline or short is not null then
      for counter in
        select back.units, s.slot
        from return_due_leases(short, now) back
        join (select distinct i.shared_id, i.shared_slot as slot from unnest(items) i) s
          on s.shared_id = back.allocation_id
      loop
        shared_left[counter.slot] := shared_left[counter.slot] + counter.units;
      end loop;

      for counter in
        select l.units - l.used as units, array_position(leases, l.id) as slot
        from lease l
        where l.id = any (leases) and l.returned_at is null and l.returns_at > now
        order by l.id
        for no key update of l
      loop
        lease_left[counter.slot] := counter.units;
      end loop;
    end if;

    -- What ends a claim without its member, such as a session that is called off, has its pool.
    if is_claimed then
      for counter in
        select i.ord, c.state
        from unnest(items) i
        join claim c on c.cell = i.cell and c.id = i.claim_id
        where outcomes[i.ord] is null
        order by c.cell, c.id
        for no key update of c
      loop
        if counter.state <> 'confirmed' then
          outcomes[counter.ord] := 'claim_needed';
        end if;
      end loop;
    end if;

    -- 5. Decide in memory, one item after the other; an earlier one's success may outrank a reason
    -- already found. Each expression costs a batch of one its set-up: a live item meets few of these.
    foreach item in array items loop
      verdict := outcomes[item.ord];
      blocked := null;
      if item.category is not null or admission_slots[item.ord] is not null then
        day := local_day(item.scanned_at);
        blocked := case
          when item.category is not null and (
            select category_left(
              item.cell, item.member_id, item.category, item.union_id, item.scanned_at,
              coalesce(array_agg(w.scanned_at), '{}'), coalesce(array_agg(w.quantity), '{}')
            )
            from unnest(items) w
            where w.ord < item.ord and outcomes[w.ord] = 'accepted' and variances[w.ord] is null
              and (w.cell, w.member_id, w.category) = (item.cell, item.member_id, item.category)
          ) < item.quantity then 'category_limit_reached'
          when item.quantity + case
            when days[admission_slots[item.ord]] = day then used_on_days[admission_slots[item.ord]]
            when coalesce(days[admission_slots[item.ord]] < day, true) then 0
          end > caps_a_day[admission_slots[item.ord]] then 'partner_day_cap_reached'
          when item.quantity > cap_left[admission_slots[item.ord]] then 'partner_cap_reached'
        end;
      end if;
      if is_id_taken[item.id_slot] then
        verdict := 'replayed';
      elsif item.device_id is not null then
        if verdict not in ('pass_already_used', 'limit_reached') then
          continue;
        elsif coalesce(given_here[card_slots[item.ord]], 0) + item.quantity > item.card_left then
          outcomes[item.ord] := 'card_uses_a_day';
          continue;
        end if;
        is_leased := coalesce(lease_left[lease_slots[item.ord]] >= item.quantity, false);
        reason := case
          when item.variance is not null then item.variance
          when verdict = 'pass_already_used' or is_pass_used[item.pass_slot]
            then 'pass_already_used'
          when uses[item.ord] + coalesce(used_here[item.limit_slot], 0) + item.quantity
            > item.limit_count then 'limit_reached'
          when blocked is not null then blocked
          when not is_leased and not coalesce(home_left[item.home_slot] >= item.quantity, false)
            and not coalesce(topped_left[item.home_slot] >= item.quantity, false)
            and not coalesce(shared_left[item.shared_slot] >= item.quantity, false)
            then 'quota_exhausted'
        end;
        charged[item.ord] := coalesce(item.shared_id, item.home_id);
        if is_leased then
          lease_left[lease_slots[item.ord]] := lease_left[lease_slots[item.ord]] - item.quantity;
          spent[item.ord] := item.lease_id;
        elsif reason is null and home_left[item.home_slot] >= item.quantity then
          home_left[item.home_slot] := home_left[item.home_slot] - item.quantity;
          charged[item.ord] := item.home_id;
        elsif reason is null and topped_left[item.home_slot] >= item.quantity then
          topped_left[item.home_slot] := topped_left[item.home_slot] - item.quantity;
          charged[item.ord] := item.home_id;
          is_topped[item.ord] := true;
        elsif reason is null then
          shared_left[item.shared_slot] := shared_left[item.shared_slot] - item.quantity;
        end if;
        -- One use too many is written all the same: nobody can take it back.
        variances[item.ord] := reason;
        if reason is null then
          is_pass_used[item.pass_slot] := true;
          used_here[item.limit_slot] := coalesce(used_here[item.limit_slot], 0) + item.quantity;
        end if;
        is_id_taken[item.id_slot] := true;
        given_here[card_slots[item.ord]] :=
          coalesce(given_here[card_slots[item.ord]], 0) + item.quantity;
        member_left[item.ord] := greatest(
          item.limit_count - uses[item.ord] - coalesce(used_here[item.limit_slot], 0), 0
        );
        verdict := 'accepted';
      elsif verdict not in (
        'limit_reached', 'category_limit_reached', 'partner_day_cap_reached', 'partner_cap_reached',
        'quota_exhausted'
      ) then
        continue; -- It ranks before all that follows.
      elsif is_pass_used[item.pass_slot] then
        verdict := 'pass_already_used';
      elsif uses[item.ord] + coalesce(used_here[item.limit_slot], 0) + item.quantity
        > item.limit_count
      then
        verdict := 'limit_reached';
      elsif blocked is not null then
        verdict := blocked;
      elsif verdict is null and item.claim_id is not null then
        charged[item.ord] := item.claim_pool_id;
        is_topped[item.ord] := item.claim_topped;
      elsif verdict is null and home_left[item.home_slot] >= item.quantity then
        home_left[item.home_slot] := home_left[item.home_slot] - item.quantity;
        charged[item.ord] := item.home_id;
      elsif verdict is null and topped_left[item.home_slot] >= item.quantity then
        topped_left[item.home_slot] := topped_left[item.home_slot] - item.quantity;
        charged[item.ord] := item.home_id;
        is_topped[item.ord] := true;
      elsif verdict is null and shared_left[item.shared_slot] >= item.quantity then
        shared_left[item.shared_slot] := shared_left[item.shared_slot] - item.quantity;
        charged[item.ord] := item.shared_id;
      else
        verdict := coalesce(verdict, 'quota_exhausted');
      end if;
      if verdict is null then
        verdict := 'accepted';
        is_id_taken[item.id_slot] := true;
        is_pass_used[item.pass_slot] := true;
        used_here[item.limit_slot] := coalesce(used_here[item.limit_slot], 0) + item.quantity;
        member_left[item.ord] := item.limit_count - uses[item.ord] - used_here[item.limit_slot];
      end if;
      outcomes[item.ord] := verdict;
      if verdict = 'accepted' and admission_slots[item.ord] is not null
        and variances[item.ord] is null
      then
        cap_left[admission_slots[item.ord]] := cap_left[admission_slots[item.ord]] - item.quantity;
        if coalesce(days[admission_slots[item.ord]] < day, true) then
          days[admission_slots[item.ord]] := day;
          used_on_days[admission_slots[item.ord]] := item.quantity;
        elsif days[admission_slots[item.ord]] = day then
          used_on_days[admission_slots[item.ord]] :=
            used_on_days[admission_slots[item.ord]] + item.quantity;
        end if;
      end if;
    end loop;

    -- 6. Write as a set; counters and transfers follow the rows really inserted. Whether an admission has
    -- a cap is asked of its row as it is now, so that a first cap misses nothing that is under way.
    if 'accepted' = any (outcomes) then
      if is_funded then
        select l.* into leg_ids, legs, leg_payers, leg_payees, leg_creditors, leg_amounts,
          co_payments, discounts
        from redeem_legs(items, charged, variances, is_topped) l;
      end if;

      with booked as (
        insert into redemption (
          cell, id, member_id, card_number, jti, benefit_id, outlet_id, operator_id,
          allocation_id, quantity, member_left, price_fen, at, booked_at,
          device_id, lease_id, variance, claim_id, union_id, is_topped, co_payment_fen, discount_fen
        )
        select i.cell, i.id, i.member_id, i.card_number, i.jti, i.benefit_id, i.outlet_id,
          i.operator_id, charged[i.ord], i.quantity, member_left[i.ord], i.price_fen,
          i.scanned_at, greatest(clock(), i.scanned_at), i.device_id, spent[i.ord], variances[i.ord],
          i.claim_id, i.union_id, is_topped[i.ord] is true, coalesce(co_payments[i.ord], 0),
          coalesce(discounts[i.ord], 0)
        from unnest(items) i
        where charged[i.ord] is not null
        order by i.cell, i.id
        on conflict (cell, id) do nothing
        returning *
      ),
      written as materialized (
        select b.*, i.ord, i.partner_id, i.headquarters_id, i.payee_id, i.funding
        from booked b
        join unnest(items) i on i.cell = b.cell and i.id = b.id and charged[i.ord] is not null
      ),
      counted as (
        update allocation a
        set used = a.used + taken.units, topped_used = a.topped_used + taken.topped,
          claimed = a.claimed - taken.claimed, topped_claimed = a.topped_claimed - taken.topped_claimed
        from (
          select w.allocation_id, sum(w.quantity) as units,
            coalesce(sum(w.quantity) filter (where w.is_topped), 0) as topped,
            coalesce(sum(w.quantity) filter (where w.claim_id is not null), 0) as claimed,
            coalesce(sum(w.quantity) filter (where w.is_topped and w.claim_id is not null), 0)
              as topped_claimed
          from written w
          where w.lease_id is null and w.variance is null
          group by w.allocation_id
        ) taken
        where a.id = taken.allocation_id
      ),
      capped as (
        update benefit_partner a
        set used = a.used + taken.units, day = greatest(a.day, local_day(taken.newest)),
          used_on_day = case when a.day >= local_day(taken.newest) then a.used_on_day else 0 end + (
            select coalesce(sum(w.quantity), 0) from written w
            where w.benefit_id = a.benefit_id and w.partner_id = a.partner_id and w.variance is null
              and local_day(w.at) = greatest(a.day, local_day(taken.newest))
          )
        from (
          select w.benefit_id, w.partner_id, sum(w.quantity) as units, max(w.at) as newest
          from written w where w.variance is null
          group by w.benefit_id, w.partner_id
        ) taken
        where a.benefit_id = taken.benefit_id and a.partner_id = taken.partner_id
          and num_nonnulls(a.cap, a.cap_a_day) > 0
      )
      insert into transfer (
        cell, redemption_id, kind, leg, payer_id, payee_id, creditor_id, amount_fen, at
      )
      select w.cell, w.id, 'redemption', 1, payer.id, w.payee_id, w.headquarters_id,
        w.price_fen::bigint * w.quantity, w.booked_at
      from written w
      join allocation a on a.id = w.allocation_id
      join account payer on payer.kind = case when w.variance is null then 'budget' else 'variance' end
        and payer.union_id = case
          when w.variance is not null then variance_payers[w.ord]
          when w.is_topped then a.district_id
          else a.union_id
        end
      where w.price_fen > 0 and (w.funding is null or w.is_topped or w.variance is not null)
      union all
      select w.cell, w.id, 'redemption', l.leg, l.payer_id, l.payee_id, l.creditor_id, l.amount_fen,
        w.booked_at
      from unnest(
        leg_ids, legs, leg_payers, leg_payees, leg_creditors, leg_amounts
      ) as l (id, leg, payer_id, payee_id, creditor_id, amount_fen)
      join written w on w.id = l.id;

      if is_claimed then
        update claim c
        set used = c.used + taken.units, changed_at = clock(), changed_by = null, reason = null,
          state = case when c.used + taken.units = c.quantity then 'used' else c.state end
        from (
          select r.cell, r.claim_id, sum(r.quantity) as units
          from unnest(items) i
          join redemption r on r.cell = i.cell and r.id = i.id and r.member_id = i.member_id
          where outcomes[i.ord] = 'accepted' and i.claim_id is not null
          group by r.cell, r.claim_id
        ) taken
        where c.cell = taken.cell and c.id = taken.claim_id;
      end if;

      if is_offline then
        update lease l set used = l.used + taken.units
        from (
          select r.lease_id, sum(r.quantity) as units
          from unnest(items) i
          join redemption r on r.cell = i.cell and r.id = i.id and r.member_id = i.member_id
          where spent[i.ord] is not null
          group by r.lease_id
        ) taken
        where l.id = taken.lease_id;
      end if;
    end if;
  end if;

  -- 7. The answer to a taken id is its row, if the content is the same; a refusal may tell of a row
  -- of step 6.
  return query
  select
    i.ord,
    answer.outcome,
    i.id,
    r.at,
    r.quantity::integer,
    r.price_fen,
    r.allocation_id,
    r.member_left,
    case
      when r.co_payment_fen > 0 then jsonb_build_object('coPaymentFen', r.co_payment_fen)
      when r.id is null then refusal_detail(
        answer.outcome, i.cell, i.member_id, i.card_number, i.jti, i.benefit_id, i.scanned_at
      )
    end
  from unnest(items) i
  left join redemption r on outcomes[i.ord] in ('accepted', 'replayed')
    and r.cell = i.cell and r.id = i.id
    and (r.card_number, r.jti, r.benefit_id, r.outlet_id, r.quantity)
      = (i.card_number, i.jti, i.benefit_id, i.outlet_id, i.quantity)
  cross join lateral (
    select case
      when outcomes[i.ord] in ('accepted', 'replayed') and r.id is null
        then 'exists_with_different_content'
      else coalesce(r.variance, outcomes[i.ord])
    end as outcome
  ) answer
  order by i.ord;
end
$$;
