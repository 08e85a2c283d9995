-- Reserves anew for every allocation and admission of a benefit whose price, rule or stage has changed.
-- Refusals are those of reserve(); all or nothing. `p_checks` false where nothing costs anybody more.
-- Under the benefit's lock.
create or replace function reserve_benefit(p_benefit integer, p_checks boolean default true)
returns void language plpgsql as $$
begin
  perform reserve_allocation(a.id, p_checks) from allocation a
  where a.benefit_id = p_benefit order by a.id;
  perform reserve_admission(a.benefit_id, a.partner_id, p_checks) from benefit_partner a
  where a.benefit_id = p_benefit order by a.partner_id;
end
$$;
