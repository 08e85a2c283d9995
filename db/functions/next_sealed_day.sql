-- The day whose seal comes next, null while none is due: the first one that anything was booked on, then one after the
-- other, once everything booked on it is there to see (rolled_through). Reads only.
create or replace function next_sealed_day() returns date language sql stable as $$
  select due.day
  from (
    select coalesce(
      (select max(e.subject_id)::date + 1 from audit_entry e
        where e.subject = 'day' and e.action = 'day.seal'),
      (select min(u.day) from use_day u)) as day
  ) due
  where day_begin(due.day + 1) <= rolled_through()
$$;
