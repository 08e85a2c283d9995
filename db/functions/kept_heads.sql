-- The heads of audit chains that statements keep, each once: what chain_faults() compares the chains with. Reads only.
create or replace function kept_heads() returns table (chain_id int, seq bigint, hash text)
language sql stable parallel safe as $$
  select distinct coalesce(u.district_id, u.path[1]), (a ->> 'seq')::bigint, a ->> 'hash'
  from statement s, jsonb_array_elements(s.anchors) a
  join trade_union u on u.id = (a ->> 'unionId')::integer
$$;
