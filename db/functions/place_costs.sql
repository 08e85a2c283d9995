-- What one place of a benefit in a pool may cost each union at most, by the rule and price as they are; `p_district` null is
-- the shared pool, `p_owner` owns the places. Who is not known before a use, the owner stands in for; host and headquarters
-- reserve with their admissions. A plain read.
create or replace function place_costs(p_benefit integer, p_district integer, p_owner integer)
returns table (union_id integer, unit_fen bigint) language sql stable as $$
  select s.union_id, sum(s.fen)::bigint
  from benefit b
  join trade_union owner on owner.id = p_owner
  cross join lateral (
    select case share.rule ->> 'payer'
        when 'city' then owner.path[1]
        when 'home' then coalesce(p_district, p_owner)
        else p_owner
      end as union_id,
      (split_most(b.funding, b.price_fen))[share.place] as fen
    from jsonb_array_elements(coalesce(b.funding, '[{"payer":"owner"}]'))
      with ordinality as share (rule, place)
    where share.rule ->> 'payer' in ('owner', 'city', 'home', 'enterprise')
  ) s
  where b.id = p_benefit
  group by s.union_id
  having sum(s.fen) > 0
$$;
