-- Housekeeping: releases what is reserved for places that nothing can be charged to any more (is_over),
-- and moves what is reserved in a past year for places in total to the running year, as far as that
-- budget has the money; what has not stays where it is and is tried again. Answers how many were
-- changed, a thousand at most. Safe twice at once.
create or replace function release_reservations() returns integer language plpgsql as $$
declare
  changed integer;
  due record;
begin
  update reservation r set released_at = clock()
  where r.id in (
    select x.id from reservation x
    left join allocation a on a.id = x.allocation_id
    left join benefit b on b.id = x.benefit_id
    where x.released_at is null and (is_over(a) or b.stage = 'ended')
    order by x.id limit 1000 for update of x skip locked);
  get diagnostics changed = row_count;

  for due in
    select distinct coalesce(a.benefit_id, x.benefit_id) as benefit_id, x.allocation_id, x.partner_id
    from reservation x
    join budget g on g.id = x.budget_id
    left join allocation a on a.id = x.allocation_id
    where x.released_at is null and g.year < year_of(clock())
      and (a.id is null or not isfinite(a.starts_at))
    order by 1, 2, 3 limit 100
  loop
    begin
      perform from benefit b where b.id = due.benefit_id for no key update;
      if due.allocation_id is null then
        perform reserve_admission(due.benefit_id, due.partner_id);
      else
        perform reserve_allocation(due.allocation_id);
      end if;
      changed := changed + 1;
    exception when sqlstate 'TK001' then
      null;
    end;
  end loop;
  return changed;
end
$$;
