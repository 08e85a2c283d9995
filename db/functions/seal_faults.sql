-- What of a sealed day is not what its seals say, of one chain where it is named: resealed (an entry of the day is not
-- what was booked there) and unsealed (something is booked of which there is no entry). Whether the entries
-- themselves stand is for chain_faults(). None for a day that nobody sealed. Reads only.
create or replace function seal_faults(p_day date, p_chain integer default null)
returns table (fault text, chain_id integer, entry_id bigint)
language sql stable as $$
  with seal as materialized (
    select e.id, e.union_id, e.after ->> 'hash' as hash
    from audit_entry e
    where e.subject = 'day' and e.subject_id = p_day::text and e.action = 'day.seal'
  )
  select case when seal.id is null then 'unsealed' else 'resealed' end,
    coalesce(seal.union_id, booked.union_id), seal.id
  from (select * from seal where hash is not null) seal
  full join day_digests(p_day) booked on booked.union_id = seal.union_id
  where exists (select from seal) and seal.hash is distinct from booked.hash
    and (p_chain is null or coalesce(seal.union_id, booked.union_id) = p_chain)
  order by 2
$$;
