-- One step of the roll-up, a day at most; says whether there may be more to do at once. It adds what was booked up to
-- where the last step noted, and notes how far the next one goes.
--
-- Exact because nothing is written later into what is counted. A booking takes its instant when its transaction is under
-- way, and its statement ends or is cancelled within the minute that a step keeps behind the clock; and what was noted is
-- counted only when every transaction that had begun by then has ended, so that this statement sees all they wrote. It
-- waits by coming back, and so keeps nobody waiting. A copy restored on another server counts transactions anew: what it
-- noted is noted again.
--
-- Locks its own row, and gives way to who holds it.
create or replace function roll_up_step() returns boolean language plpgsql
set plan_cache_mode = force_custom_plan
set enable_seqscan = off
as $$
#variable_conflict use_column
declare
  behind constant interval := '1 minute';
  step_min constant interval := '30 seconds';
  now timestamptz := clock();
  state roll_up;
  month timestamptz;
  next timestamptz;
  is_done boolean := false;
begin
  select * into state from roll_up for no key update skip locked;
  if not found then
    if exists (select from roll_up) then
      return false;
    end if;
    -- Month by month, because an index of blocks finds that there is nothing, but not the first.
    for month in
      select * from generate_series(day_begin('2020-01-01'), now, interval '1 month')
    loop
      exit when exists (
        select from redemption r where r.booked_at < month + interval '1 month');
    end loop;
    insert into roll_up (through, patterned)
    values (coalesce(month, period_start('month', now)), local_day(coalesce(month, now)) - 1)
    on conflict do nothing;
    return true;
  end if;

  if state.until is not null and pg_snapshot_xmin(pg_current_snapshot()) >= state.seen then
    insert into use_day (day, owner_id, home_id, host_id, redemptions, quantity, paid_fen)
    select u.day, u.owner_id, u.home_id, u.host_id,
      sum(u.redemptions), sum(u.quantity), sum(u.paid_fen)
    from uses_between(state.through, state.until) u
    group by u.day, u.owner_id, u.home_id, u.host_id
    on conflict (day, owner_id, coalesce(home_id, 0), host_id) do update set
      redemptions = use_day.redemptions + excluded.redemptions,
      quantity = use_day.quantity + excluded.quantity,
      paid_fen = use_day.paid_fen + excluded.paid_fen;
    insert into borne_day (union_id, day, fen)
    select b.union_id, b.day, sum(b.fen)
    from borne_between(state.through, state.until) b
    group by b.union_id, b.day
    on conflict (union_id, day) do update set fen = borne_day.fen + excluded.fen;
    state.through := state.until;
    is_done := true;
  elsif state.until is not null and state.seen <= pg_snapshot_xmax(pg_current_snapshot()) then
    return false;
  end if;

  next := least(now - behind, state.through + interval '1 day');
  if next < state.through + step_min then
    next := null;
  end if;
  update roll_up set through = state.through, until = next,
    seen = case when next is not null then pg_snapshot_xmax(pg_current_snapshot()) end;
  return is_done or next is not null;
end
$$;
