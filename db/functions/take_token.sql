-- Counts one attempt under a key, at most `p_limit` in a window that begins with its first attempt. Answers 0 when this
-- one may go on, else the seconds until the window ends; a refused attempt is not counted. One row a key, locked for the
-- moment of the update, so the count is exact over all nodes; sweep() clears rows away when their window has ended.
create or replace function take_token(p_key text, p_limit int, p_window interval) returns int
language plpgsql volatile as $$
declare
  v_now timestamptz := clock();
  v_ends_at timestamptz;
begin
  insert into rate_window as w (key, ends_at, count) values (p_key, v_now + p_window, 1)
  on conflict (key) do update set
    ends_at = case when w.ends_at <= v_now then excluded.ends_at else w.ends_at end,
    count = case when w.ends_at <= v_now then 1 else w.count + 1 end
  where w.ends_at <= v_now or w.count < p_limit;
  if found then
    return 0;
  end if;
  select ends_at into v_ends_at from rate_window where key = p_key;
  return greatest(1, ceil(extract(epoch from v_ends_at - v_now)))::int;
end
$$;
