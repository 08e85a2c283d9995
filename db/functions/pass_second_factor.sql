-- Marks a session as having passed the second factor with the code of one 30-second step, which the caller has found
-- right for this secret. False when a code of this step or a later one was already accepted, when the secret was replaced
-- meanwhile, or when the session is gone. The first accepted code confirms an enrolment. Locks the factor's row, then the
-- session's.
create or replace function pass_second_factor(
  p_user text,
  p_session_token text,
  p_secret_cipher text,
  p_step bigint
) returns boolean language plpgsql volatile as $$
begin
  update second_factor set last_step = p_step, confirmed_at = coalesce(confirmed_at, clock())
  where user_id = p_user and secret_cipher = p_secret_cipher and last_step < p_step;
  if not found then
    return false;
  end if;
  update auth_session set second_factor_at = date_trunc('milliseconds', clock())
  where user_id = p_user and token = p_session_token;
  return found;
end
$$;
