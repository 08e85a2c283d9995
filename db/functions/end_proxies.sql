-- Ends proxies at once, with the cards on their phones: those of p_ids that are still open. The caller
-- holds their members. Answers how many ended.
create or replace function end_proxies(p_ids integer[]) returns integer
language plpgsql volatile as $$
declare
  ended integer;
begin
  update proxy set ended_at = clock() where id = any (p_ids) and ended_at is null;
  get diagnostics ended = row_count;
  update card set status = 'blocked', ended_at = clock()
  where proxy_id = any (p_ids) and status = 'live';
  return ended;
end
$$;
