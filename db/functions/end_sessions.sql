-- Signs a user out everywhere: no session begun until now counts in any later statement, even where a signed cookie is
-- still fresh. Sessions have milliseconds, so the bound lies one above the present one, and session_instant() lets no new
-- session begin below it.
create or replace function end_sessions(p_user text) returns void language plpgsql volatile as $$
begin
  update auth_user set sessions_valid_from =
    greatest(sessions_valid_from, date_trunc('milliseconds', clock()) + interval '1 millisecond')
  where id = p_user;
  delete from auth_session where user_id = p_user;
end
$$;
