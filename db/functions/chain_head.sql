-- The last link of a union's chain (a district's, else the city's), to be kept where others see it: whoever holds an older
-- head proves that nothing before it was changed or cut. No row while nothing is linked. Reads only.
create or replace function chain_head(p_union int) returns table (chain_id int, seq bigint, hash text)
language sql stable parallel safe as $$
  select l.chain_id, l.seq, l.hash
  from trade_union u
  join audit_link l on l.chain_id = coalesce(u.district_id, u.path[1])
  where u.id = p_union
  order by l.seq desc
  limit 1
$$;
