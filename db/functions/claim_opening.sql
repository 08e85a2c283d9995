-- From when a benefit may be claimed: what its terms say; a drop with its first wave, so that nobody
-- stands in the wait list before it. Null for a drop without one. A plain read; inlinable as a row
-- source, where a scalar with a query in it is not and costs a call an item.
create or replace function claim_opening(b benefit, t claim_terms) returns table (at timestamptz)
language sql stable rows 1 as $$
  select case
    when b.claim_kind = 'drop' then (select min(w.opens_at) from wave w where w.benefit_id = b.id)
    else t.opens_at
  end
$$;
