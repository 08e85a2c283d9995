-- A member's name for a union: whole while his newest affiliation is in it or below, also one that ended;
-- masked once he has gone elsewhere, because what he is called there is not the former union's to read.
-- A plain read.
create or replace function name_within(m member, p_union integer) returns text language sql stable as $$
  select case when exists (
    select from affiliation a join trade_union u on u.id = a.union_id
    where a.cell = m.cell and a.member_id = m.id and u.path @> array[p_union]
      and a.started_at = (
        select max(f.started_at) from affiliation f where f.cell = m.cell and f.member_id = m.id)
  ) then m.name else masked_name(m.name) end
$$;
