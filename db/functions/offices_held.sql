-- The offices a user holds at this moment, one row each: his own that are running and not suspended, and those of others
-- that were delegated to him. A delegated office is the delegator's own row, with his union and role: it ends with it, and
-- it cannot be passed on. Who stands in for an administrator is a deputy: all of it but other people. Says nothing about sessions. Inlinable; reads only.
create or replace function offices_held(p_user text) returns table (
  office_id int,
  role text,
  union_id int
) language sql stable parallel safe rows 1 as $$
  select f.id, f.role, f.union_id
  from officer f
  where f.user_id = p_user
    and f.suspended_at is null and f.starts_at <= clock() and (f.ends_at > clock()) is not false
  union all
  select f.id, case f.role when 'administrator' then 'deputy' else f.role end, f.union_id
  from delegation d
  join officer f on f.id = d.officer_id
  where d.user_id = p_user and d.ended_at is null and d.starts_at <= clock() and d.ends_at > clock()
    and f.suspended_at is null and f.starts_at <= clock() and (f.ends_at > clock()) is not false
$$;
