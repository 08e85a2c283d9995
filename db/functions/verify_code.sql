-- The only judge of one-time codes: five tries a code, ten minutes, single use, over all nodes. Answers `accepted` at most
-- once a code; `wrong` for a try that was counted; `void` when there is no code left to try: none sent, expired, used, or
-- five tries made. One guarded UPDATE of one row: a try that waited for another one is judged on what that one left.
create or replace function verify_code(p_phone text, p_code text) returns text
language plpgsql volatile as $$
declare
  v_accepted boolean;
begin
  update one_time_code set
    tries = tries + 1,
    used_at = case when code_hash = p_code then clock() end
  where phone_hash = p_phone and used_at is null and tries < 5 and expires_at > clock()
  returning used_at is not null into v_accepted;
  return case v_accepted when true then 'accepted' when false then 'wrong' else 'void' end;
end
$$;
