-- Offers what a session has free, or (null) any of a benefit's, to who waits for it, the first of them
-- first, as far as a pool has a unit for them; whoever asks for more than is left keeps his turn. An
-- offer stands for the terms' `answer_minutes`, or until the session begins. Answers how many it made.
-- What frees a unit of a pool asks for any session: others may wait for nothing but that (I2). Without
-- sessions only the pools bound it. Who waits for any prize of a draw has none until he is offered
-- one. Who has meanwhile reached a limit keeps his turn too, and is passed over until a later call
-- finds him below it: to whom an offer is made he could take it (confirm_claim judges once more, as
-- members are not locked here). The caller holds lock_places; the claims' rows are locked here.
create or replace function offer_places(p_benefit integer, p_session integer, now timestamptz)
returns integer language plpgsql as $$
declare
  waits record;
  minutes integer;
  offered integer := 0;
begin
  select t.answer_minutes into minutes from claim_terms t where t.benefit_id = p_benefit;
  loop
    select f.* into waits
    from (
      select w.*, s.id as seat, s.starts_at
      from session s
      cross join lateral (
        select c.cell, c.id, c.quantity, c.turn, p.allocation_id, p.is_topped
        from claim c
        cross join lateral pool_for(p_benefit, c.union_id, c.at, c.quantity) p
        where c.session_id = s.id and c.state = 'waiting' and c.quantity <= s.cap - s.taken
          -- Last, as it is the dearest: only of whom a pool has a unit for.
          and case when p.allocation_id is not null then limit_refusal(c) is null end
        order by c.turn
        limit 1
      ) w
      where s.benefit_id = p_benefit and (p_session is null or s.id = p_session)
        and s.cancelled_at is null and (s.starts_at > now) is not false and s.cap > s.taken
      union all
      select w.*, seat.id, seat.starts_at
      from (
        select c.cell, c.id, c.quantity, c.turn, p.allocation_id, p.is_topped
        from claim c
        cross join lateral pool_for(p_benefit, c.union_id, c.at, c.quantity) p
        where c.session_id is null and c.benefit_id = p_benefit and c.state = 'waiting' and (
          not exists (select from session x where x.benefit_id = p_benefit)
          or exists (
            select from session x
            where x.benefit_id = p_benefit and x.cancelled_at is null
              and (x.starts_at > now) is not false and x.cap - x.taken >= c.quantity
          )
        )
          and case when p.allocation_id is not null then limit_refusal(c) is null end
        order by c.turn
        limit 1
      ) w
      left join lateral (
        select x.id, x.starts_at from session x
        where x.benefit_id = p_benefit and x.cancelled_at is null
          and (x.starts_at > now) is not false and x.cap - x.taken >= w.quantity
        order by x.id
        limit 1
      ) seat on true
    ) f
    order by f.turn
    limit 1;
    exit when not found;
    update claim c
    set state = 'offered', session_id = waits.seat, allocation_id = waits.allocation_id,
      is_topped = waits.is_topped,
      answer_by = least(now + make_interval(mins => minutes), waits.starts_at),
      changed_at = now, changed_by = null, reason = null
    where c.cell = waits.cell and c.id = waits.id and c.state = 'waiting';
    exit when not found;
    update allocation a set claimed = a.claimed + waits.quantity,
      topped_claimed = a.topped_claimed + case when waits.is_topped then waits.quantity else 0 end
    where a.id = waits.allocation_id;
    update session set taken = taken + waits.quantity where id = waits.seat;
    offered := offered + 1;
  end loop;
  return offered;
end
$$;
