-- Trigger: keeps a union's `path` (ids from the city down to itself) and `district_id` (the union
-- at level 2 above it), whatever the writer says. A parent stands at a higher level, and a union
-- never moves: every scope and every payer already written rests on its place.
create or replace function place_union() returns trigger language plpgsql as $$
declare
  parent trade_union;
begin
  if tg_op = 'UPDATE'
    and (old.id, old.parent_id, old.kind) is distinct from (new.id, new.parent_id, new.kind)
  then
    raise exception 'union % keeps its place in the tree', old.id using errcode = 'restrict_violation';
  end if;
  select * into parent from trade_union where id = new.parent_id;
  if parent.level >= new.level then
    raise exception 'union % cannot stand below union %', new.id, parent.id
      using errcode = 'check_violation';
  end if;
  new.path := coalesce(parent.path, '{}') || new.id;
  new.district_id := case when new.level = 2 then new.id else parent.district_id end;
  return new;
end
$$;

create or replace trigger trade_union_place
  before insert or update on trade_union for each row execute function place_union();
