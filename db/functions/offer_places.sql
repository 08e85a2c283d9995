-- Offers what a session has free to who waits for it, in their order, as far as a pool has a unit for
-- them; whoever asks for more than is left keeps his turn. An offer stands for the terms'
-- `answer_minutes`, or until the session begins. Answers how many it made. The caller holds
-- lock_places; the claims' rows are locked here, in turn. Without a session (null) only the pools
-- bound it. Who waits for any prize of a draw has no session until he is offered one.
create or replace function offer_places(p_benefit integer, p_session integer, now timestamptz)
returns integer language plpgsql as $$
declare
  s session;
  waits record;
  pool record;
  minutes integer;
  units integer;
  offered integer := 0;
begin
  select * into s from session where id = p_session;
  select t.answer_minutes into minutes from claim_terms t where t.benefit_id = p_benefit;
  units := s.cap - s.taken;
  if units < 1 or s.cancelled_at is not null or s.starts_at <= now then
    return 0;
  end if;
  for waits in
    select c.cell, c.id, c.union_id, c.at, c.quantity from claim c
    where (c.session_id = p_session or c.session_id is null) and c.benefit_id = p_benefit
      and c.state = 'waiting'
    order by c.turn
  loop
    exit when units < 1;
    continue when waits.quantity > units;
    select * into pool from pool_for(p_benefit, waits.union_id, waits.at, waits.quantity);
    continue when not found;
    update claim c
    set state = 'offered', session_id = p_session, allocation_id = pool.allocation_id, is_topped = pool.is_topped,
      answer_by = least(now + make_interval(mins => minutes), s.starts_at),
      changed_at = now, changed_by = null, reason = null
    where c.cell = waits.cell and c.id = waits.id and c.state = 'waiting';
    continue when not found;
    update allocation a set claimed = a.claimed + waits.quantity,
      topped_claimed = a.topped_claimed + case when pool.is_topped then waits.quantity else 0 end
    where a.id = pool.allocation_id;
    update session set taken = taken + waits.quantity where id = p_session;
    units := units - waits.quantity;
    offered := offered + 1;
  end loop;
  return offered;
end
$$;
