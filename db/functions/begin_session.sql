-- What signing in with a proven phone means: the member with this phone becomes the user's, and only he. Whoever was the
-- user's member before has another phone now, so the number has passed to somebody else: every session of the old holder
-- ends. Locks the user's row, then the members' (unlinked before linked, for the unique index).
create or replace function begin_session(p_user text, p_phone text) returns void
language plpgsql volatile as $$
begin
  perform from auth_user where id = p_user for update;
  update member set user_id = null where user_id = p_user and phone_hash <> p_phone;
  if found then
    perform end_sessions(p_user);
  end if;
  update member set user_id = p_user where phone_hash = p_phone and user_id is distinct from p_user;
  -- An operator who was invited is expected no more.
  update operator set invited_at = null where user_id = p_user and invited_at is not null;
end
$$;
