-- Reserves anew what the unused places of an allocation may cost its payers (allocation_costs): by
-- month in that month's year, in total in the running year, or that of the benefit's start. Refusals
-- are those of reserve(); `p_checks` false where the places only become fewer. Called in the
-- transaction that changed the allocation or the benefit, under the benefit's lock. Locks the budgets.
create or replace function reserve_allocation(p_allocation integer, p_checks boolean default true)
returns void language plpgsql as $$
declare
  of record;
begin
  select a.benefit_id, year_of(
    case when isfinite(a.starts_at) then a.starts_at else greatest(clock(), b.starts_at) end) as year
  into of
  from allocation a join benefit b on b.id = a.benefit_id where a.id = p_allocation;
  perform lock_budgets(of.benefit_id);
  perform reserve(of.year, p_allocation, null, null, (
    select coalesce(jsonb_agg(jsonb_build_object(
      'part', c.part, 'unionId', c.union_id, 'unitFen', c.unit_fen)), '[]')
    from allocation_costs(p_allocation) c), p_checks);
end
$$;
