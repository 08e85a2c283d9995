-- The heads of the audit chains of the districts, or the city, that the unions of a statement belong
-- to: what each of them holds of the other's audit, so that nobody can rewrite it unseen. A plain read.
create or replace function statement_anchors(p_union integer, p_other integer) returns jsonb
language sql stable as $$
  select coalesce(jsonb_agg(
    jsonb_build_object('unionId', chain.union_id, 'seq', head.seq, 'hash', head.hash)
    order by chain.union_id
  ), '[]')
  from (
    select distinct coalesce(u.district_id, u.id) as union_id
    from trade_union u where u.id in (p_union, p_other)
  ) chain
  cross join lateral chain_head(chain.union_id) head
$$;
