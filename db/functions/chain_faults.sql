-- What is wrong with the audit chains, of one union's chain where it is named: edited (the entry is not what was hashed, or
-- stands in another's place), lost (the entry is gone), gap (a link is gone), unlinked (an entry older than ten minutes is
-- in no chain, though no transaction has been under way so long), foreign (the entry stands in another union's chain).
-- One row a fault, in the chain's order. What was cut from the end shows against a head that somebody kept: cut (the link
-- is gone) and altered (it is another one); p_heads takes them as [{chainId, seq, hash}]. Reads only.
create or replace function chain_faults(p_union int default null, p_heads jsonb default '[]')
returns table (fault text, chain_id int, seq bigint, entry_id bigint)
language sql stable as $$
  with wanted as (
    select coalesce(u.district_id, u.path[1]) as id from trade_union u where u.id = p_union
  ), link as (
    select l.*,
      lag(l.hash) over chain as before_hash, coalesce(lag(l.seq) over chain, 0) as before_seq
    from audit_link l
    where p_union is null or l.chain_id = (select id from wanted)
    window chain as (partition by l.chain_id order by l.seq)
  ), found as (
    select case
        when e.id is null then 'lost'
        when l.before_seq <> l.seq - 1 then 'gap'
        when l.hash <> audit_hash(l.before_hash, l.chain_id, e) then 'edited'
        when l.chain_id <> coalesce(u.district_id, u.path[1]) then 'foreign'
      end as fault, l.chain_id, l.seq, l.entry_id
    from link l
    left join audit_entry e on e.id = l.entry_id
    left join trade_union u on u.id = e.union_id
    union all
    select 'unlinked', coalesce(u.district_id, u.path[1]), null, e.id
    from audit_entry e
    join trade_union u on u.id = e.union_id
    where (p_union is null or coalesce(u.district_id, u.path[1]) = (select id from wanted))
      and not exists (select from audit_link l where l.entry_id = e.id)
      and e.at < clock() - interval '10 minutes'
      and (e.txid < pg_snapshot_xmin(pg_current_snapshot())
        or e.txid >= pg_snapshot_xmax(pg_current_snapshot()))
    union all
    select case when l.seq is null then 'cut' when l.hash <> head.hash then 'altered' end,
      head."chainId", head.seq, l.entry_id
    from jsonb_to_recordset(p_heads) as head ("chainId" int, seq bigint, hash text)
    left join audit_link l on l.chain_id = head."chainId" and l.seq = head.seq
    where p_union is null or head."chainId" = (select id from wanted)
  )
  select found.fault, found.chain_id, found.seq, found.entry_id
  from found
  where found.fault is not null
  order by found.chain_id, found.seq nulls last, found.entry_id
$$;
