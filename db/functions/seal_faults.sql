-- What of a sealed day is not what its seals say, of one chain where it is named: resealed (an entry of the day is not
-- what was booked there) and unsealed (something is booked of which there is no entry), and of its claims
-- claims_resealed and claims_unsealed. Whether the entries themselves stand is for chain_faults(). None for what nobody
-- sealed. Reads only.
create or replace function seal_faults(p_day date, p_chain integer default null)
returns table (fault text, chain_id integer, entry_id bigint)
language sql stable as $$
  with seal as materialized (
    select e.id, e.union_id, e.action, e.after ->> 'hash' as hash
    from audit_entry e
    where e.subject = 'day' and e.subject_id = p_day::text and e.action in ('day.seal', 'day.seal_claims')
  ),
  found as (
    select 'day.seal' as action, d.union_id, d.hash from day_digests(p_day) d
    union all
    select 'day.seal_claims', d.union_id, d.hash from claim_digests(p_day) d
  )
  select case action when 'day.seal_claims' then 'claims_' else '' end
      || case when seal.id is null then 'unsealed' else 'resealed' end,
    union_id, seal.id
  from (select * from seal where hash is not null) seal
  full join found using (action, union_id)
  where action in (select s.action from seal s) and seal.hash is distinct from found.hash
    and (p_chain is null or union_id = p_chain)
  order by 2, 1
$$;
