-- An entry as its chain hashes it: a JSON array of everything in it, with its instant in microseconds, so that it reads the
-- same whatever the session's zone and style of dates.
create or replace function audit_text(e audit_entry) returns text
language sql stable parallel safe as $$
  select jsonb_build_array(
    e.id, (extract(epoch from e.at) * 1000000)::bigint, e.user_id, e.confirmed_by, e.union_id,
    e.action, e.subject, e.subject_id, e.reason, e.before, e.after
  )::text
$$;
