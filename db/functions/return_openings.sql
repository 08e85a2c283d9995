-- Housekeeping: gives back the places of openings that are due at `p_now`, as far as they are unused, and
-- answers how many openings that were, a hundred at most. What comes back is reserved again; where
-- there is no money left for it, it lapses instead (`returned` 0). Locks per opening: the benefit,
-- budgets, then lock_places, so that a use in between is either counted or refused; who waits for a
-- claim is offered what is back. Safe twice at once.
create or replace function return_openings(p_now timestamptz) returns integer language plpgsql as $$
declare
  due record;
  units integer;
  back integer;
  done integer := 0;
begin
  for due in
    select o.id, o.from_id, o.to_id, a.benefit_id, o.units, a.district_id is null as is_shared
    from opening o join allocation a on a.id = o.to_id
    where o.returned_at is null and o.returns_at <= p_now
    order by a.benefit_id, o.id limit 100
  loop
    perform from benefit b where b.id = due.benefit_id for no key update;
    perform from opening o where o.id = due.id and o.returned_at is null for no key update;
    continue when not found;
    perform lock_budgets(due.benefit_id);
    perform lock_places(due.benefit_id, '{}');
    if due.is_shared then
      perform from return_due_leases(array[due.to_id], p_now);
    end if;
    select least(due.units, own_left(a)) into units
    from allocation a where a.id = due.to_id;
    begin
      update allocation a set cap = a.cap + case when a.id = due.to_id then -units else units end
      where a.id in (due.from_id, due.to_id);
      perform reserve_allocation(due.to_id, false);
      perform reserve_allocation(due.from_id);
      back := units;
    exception when sqlstate 'TK001' then
      update allocation a set cap = a.cap - units where a.id = due.to_id;
      perform reserve_allocation(due.to_id, false);
      back := 0;
    end;
    update opening o set returned = back, returned_at = p_now where o.id = due.id;
    perform offer_places(due.benefit_id, null, clock());
    done := done + 1;
  end loop;
  return done;
end
$$;
