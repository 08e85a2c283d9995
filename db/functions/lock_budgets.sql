-- Locks, in id order, the budgets of all years of every union that pays for a benefit or may, and of
-- `p_more`; one statement, so that two who reserve cannot wait in a ring. Called under the benefit's
-- lock and before any allocation's. Redemptions lock no budget and wait for none.
create or replace function lock_budgets(p_benefit integer, p_more integer[] default '{}')
returns void language plpgsql as $$
begin
  perform from budget g
  where g.union_id = any (p_more) or g.union_id in (
    select a.union_id from allocation a where a.benefit_id = p_benefit
    union all
    select a.district_id from allocation a where a.benefit_id = p_benefit
    union all
    select unnest(array[u.id, u.path[1]])
    from benefit b join trade_union u on u.id = b.union_id where b.id = p_benefit
    union all
    select p.union_id from benefit_partner a
    join partner p on p.id = a.partner_id where a.benefit_id = p_benefit
  )
  order by g.id
  for no key update of g;
end
$$;
