-- Makes `p_code` the one code that a phone may sign in with for the next ten minutes; an older one is void. Phone, code and
-- address come as keyed hashes. Limits first, the caller's address before the phone, so that a blocked caller uses up
-- nobody's codes: answers 0 when the code may be sent, else the seconds to wait, with nothing changed. Never asks whether
-- the phone belongs to anybody. Locks the two limits' rows and the code's row, in this order.
create or replace function send_code(
  p_phone text,
  p_code text,
  p_address text,
  p_phone_limit int,
  p_address_limit int
) returns int language plpgsql volatile as $$
declare
  v_wait int;
begin
  v_wait := take_token('send from ' || p_address, p_address_limit, interval '10 minutes');
  if v_wait = 0 then
    v_wait := take_token('send to ' || p_phone, p_phone_limit, interval '10 minutes');
  end if;
  if v_wait = 0 then
    v_wait := take_token('send daily to ' || p_phone, p_phone_limit * 4, interval '1 day');
  end if;
  if v_wait > 0 then
    return v_wait;
  end if;
  insert into one_time_code as c (phone_hash, code_hash, sent_at, expires_at)
  values (p_phone, p_code, clock(), clock() + interval '10 minutes')
  on conflict (phone_hash) do update set
    code_hash = excluded.code_hash,
    sent_at = excluded.sent_at,
    expires_at = excluded.expires_at,
    tries = 0,
    used_at = null;
  return 0;
end
$$;
