-- The day whose seal comes next, of redemptions (day.seal) or of claims (day.seal_claims), null while none is due: the
-- first one that has any, then one after the other, once everything of it is there to see (rolled_through: a change of a
-- claim takes its instant, like a booking, when its transaction is under way, or a statement's time before). Reads only.
create or replace function next_sealed_day_2(p_action text) returns date language sql stable as $$
  select due.day
  from (
    select coalesce(
      (select max(e.subject_id)::date + 1 from audit_entry e
        where e.subject = 'day' and e.action = p_action),
      case p_action
        when 'day.seal' then (select min(u.day) from use_day u)
        when 'day.seal_claims' then (select local_day(min(e.at)) from claim_event e)
      end) as day
  ) due
  where day_begin(due.day + 1) <= rolled_through()
$$;
