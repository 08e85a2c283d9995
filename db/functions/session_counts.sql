-- Whether a session of this user that began at p_session_at still counts: it began since he last signed out everywhere, and
-- was not ended by itself. Null for no user. Inlinable.
create or replace function session_counts(u auth_user, p_session_at timestamptz) returns boolean
language sql stable parallel safe as $$
  select p_session_at >= date_trunc('milliseconds', (u).sessions_valid_from)
    and p_session_at <> all ((u).ended_sessions)
$$;
