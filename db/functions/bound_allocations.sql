-- Trigger: where a benefit has a cap, its allocations together never exceed it, whoever changes
-- either and whatever runs beside it. Locks the benefit, as every change of a cap does; a
-- redemption changes no cap, and does not come here.
create or replace function bound_allocations() returns trigger language plpgsql as $$
declare
  bounded benefit;
begin
  if tg_table_name = 'benefit' then
    bounded := new;
  else
    select * into bounded from benefit where id = new.benefit_id for no key update;
  end if;
  if (select sum(cap) from allocation where benefit_id = bounded.id) > bounded.cap then
    raise exception 'the allocations of benefit % exceed its cap of %', bounded.id, bounded.cap
      using errcode = 'check_violation', constraint = 'benefit_cap_bounds_allocations',
        table = tg_table_name;
  end if;
  return null;
end
$$;

create or replace trigger allocation_within_benefit_cap
  after insert or update of cap on allocation for each row execute function bound_allocations();
create or replace trigger benefit_cap_bounds_allocations
  after update of cap on benefit for each row execute function bound_allocations();
