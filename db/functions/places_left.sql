-- The places an allocation has left at an instant: its cap without what is used, claimed and in
-- devices' hands, but with what they no longer may use. So an expired lease is visible to the next
-- statement, whoever takes it back and when (I2). Null for no allocation. Inlinable; looks at
-- leases only where some are out.
create or replace function places_left(a allocation, now timestamptz) returns integer
language sql stable as $$
  select own_left(a) + topped_left(a) + case when a.leased > 0 then units_due(a.id, now) else 0 end
$$;
