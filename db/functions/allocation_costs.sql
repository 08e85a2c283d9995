-- What one place of an allocation may cost each union at most, by the benefit's rule and price as they
-- are. Who is not known before a use, the owner of the places stands in for; host and headquarters
-- reserve with their admissions. A top-up's whole price is the pool's district's. None where nothing
-- can be charged to it any more. A plain read.
create or replace function allocation_costs(p_allocation integer)
returns table (part text, union_id integer, unit_fen bigint) language sql stable as $$
  select 'base', s.union_id, sum(s.fen)::bigint
  from allocation a
  join benefit b on b.id = a.benefit_id
  join trade_union owner on owner.id = a.union_id
  cross join lateral (
    select case share.rule ->> 'payer'
        when 'city' then owner.path[1]
        when 'home' then coalesce(a.district_id, a.union_id)
        else a.union_id
      end as union_id,
      (split_most(b.funding, b.price_fen))[share.place] as fen
    from jsonb_array_elements(coalesce(b.funding, '[{"payer":"owner"}]'))
      with ordinality as share (rule, place)
    where share.rule ->> 'payer' in ('owner', 'city', 'home', 'enterprise')
  ) s
  where a.id = p_allocation and a.cap > a.topped and not is_over(a)
  group by s.union_id
  having sum(s.fen) > 0
  union all
  select 'topped', a.district_id, b.price_fen
  from allocation a join benefit b on b.id = a.benefit_id
  where a.id = p_allocation and a.topped > 0 and b.price_fen > 0 and not is_over(a)
$$;
