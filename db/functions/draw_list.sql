-- The closed list of a draw as it is told and hashed (close_draw). A plain read.
create or replace function draw_list(p_benefit integer) returns text language sql stable as $$
  select coalesce(
    string_agg(e.pseudonym || ',' || e.weight || E'\n', '' order by e.pseudonym collate "C"), ''
  )
  from draw_entry e where e.benefit_id = p_benefit
$$;
