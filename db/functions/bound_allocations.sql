-- Trigger: where a benefit has a cap, its allocations of any one quota period together never exceed
-- it, whoever changes either and whatever runs beside it. Places that a district tops up it pays
-- alone: they are not the benefit's, and do not count. Locks the benefit, as every change of a cap
-- does; a redemption changes no cap, and does not come here.
create or replace function bound_allocations() returns trigger language plpgsql as $$
declare
  bounded benefit;
begin
  if tg_table_name = 'benefit' then
    bounded := new;
  else
    select * into bounded from benefit where id = new.benefit_id for no key update;
  end if;
  if exists (
    select from allocation where benefit_id = bounded.id
    group by starts_at having sum(cap - topped) > bounded.cap
  ) then
    raise exception 'the allocations of benefit % exceed its cap of %', bounded.id, bounded.cap
      using errcode = 'check_violation', constraint = 'benefit_cap_bounds_allocations',
        table = tg_table_name;
  end if;
  return null;
end
$$;

create or replace trigger allocation_within_benefit_cap
  after insert or update of cap, topped on allocation
  for each row execute function bound_allocations();
create or replace trigger benefit_cap_bounds_allocations
  after update of cap on benefit for each row execute function bound_allocations();
