-- What one place of an allocation may cost each union at most: of its own places what place_costs says, of a top-up the
-- whole price, which is the pool's district's. None where nothing can be charged to it any more. A plain read.
create or replace function allocation_costs(p_allocation integer)
returns table (part text, union_id integer, unit_fen bigint) language sql stable as $$
  select 'base', c.union_id, c.unit_fen
  from allocation a
  cross join lateral place_costs(a.benefit_id, a.district_id, a.union_id) c
  where a.id = p_allocation and a.cap > a.topped and not is_over(a)
  union all
  select 'topped', a.district_id, b.price_fen
  from allocation a join benefit b on b.id = a.benefit_id
  where a.id = p_allocation and a.topped > 0 and b.price_fen > 0 and not is_over(a)
$$;
