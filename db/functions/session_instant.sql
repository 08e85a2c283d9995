-- When a session that begins now begins, in whole milliseconds as its cookie carries it: never before the user's sessions
-- are valid. Null for an unknown user. Reads only.
create or replace function session_instant(p_user text) returns timestamptz language sql volatile as $$
  select greatest(
    date_trunc('milliseconds', clock()),
    date_trunc('milliseconds', sessions_valid_from + interval '999 microseconds')
  )
  from auth_user where id = p_user
$$;
