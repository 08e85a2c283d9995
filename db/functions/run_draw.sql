-- Draws: takes the public number that two persons entered, makes the seed of it, gives the prizes in the
-- order that it draws, and tells the secret by that. Answers drawn, draw_not_listed, or draw_over.
-- Locks the draw, then lock_places, then the claims' rows.
create or replace function run_draw(p_benefit integer, p_number text) returns text
language plpgsql as $$
declare
  d draw;
  drawn_seed text;
  entries record;
begin
  select * into d from draw x where x.benefit_id = p_benefit for update;
  if d.listed_at is null then
    return 'draw_not_listed';
  elsif d.drawn_at is not null then
    return 'draw_over';
  end if;
  perform lock_places(
    p_benefit, array(select s.id from session s where s.benefit_id = p_benefit)
  );
  drawn_seed := encode(
    sha256(decode(d.secret || d.list_hash, 'hex') || convert_to(p_number, 'UTF8')), 'hex'
  );
  update draw_entry e set place = o.place
  from draw_order(p_benefit, drawn_seed) o
  where e.benefit_id = p_benefit and e.pseudonym = o.pseudonym;
  select array_agg(c.cell order by e.place) as cells, array_agg(c.id order by e.place) as ids
  into entries
  from draw_entry e
  join claim c on c.cell = e.cell and c.id = e.claim_id and c.state = 'entered'
  where e.benefit_id = p_benefit;
  perform give_places(p_benefit, entries.cells, entries.ids, clock());
  update draw x set number = p_number, seed = drawn_seed, drawn_at = clock()
  where x.benefit_id = p_benefit;
  return 'drawn';
end
$$;
