-- From when a benefit may be claimed: what its terms say; a drop with its first wave, so that nobody
-- stands in the wait list before it. Null for a drop without one. A plain read; inlinable.
create or replace function claims_open_at(b benefit, t claim_terms) returns timestamptz
language sql stable as $$
  select case
    when b.claim_kind = 'drop' then (select min(w.opens_at) from wave w where w.benefit_id = b.id)
    else t.opens_at
  end
$$;
