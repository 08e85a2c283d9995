-- A dry run: what a draw of the closed list, or of who has entered so far, would come to with a number
-- made up now, by weight: how many entries there are of it and how many of them would win. Everything
-- it does is undone. Takes the locks of close_draw and run_draw for that moment.
create or replace function rehearse_draw(p_benefit integer)
returns table (weight integer, entries integer, won integer) language plpgsql as $$
declare
  found jsonb;
begin
  begin
    update claim_terms t set closes_at = greatest(clock(), t.opens_at + interval '1 microsecond')
    where t.benefit_id = p_benefit and t.closes_at > clock();
    perform close_draw(p_benefit);
    perform run_draw(p_benefit, gen_random_uuid()::text);
    select jsonb_agg(w) into found
    from (
      select e.weight, count(*) as entries,
        count(*) filter (where c.state in ('asked', 'held', 'confirmed')) as won
      from draw_entry e
      join claim c on c.cell = e.cell and c.id = e.claim_id
      where e.benefit_id = p_benefit
      group by e.weight
    ) w;
    raise exception 'rehearsed' using errcode = 'TRIED';
  exception when sqlstate 'TRIED' then
    -- The subtransaction is gone; what it found out is not.
  end;
  return query
  select w.weight, w.entries, w.won
  from jsonb_to_recordset(found) as w (weight integer, entries integer, won integer)
  order by w.weight;
end
$$;
