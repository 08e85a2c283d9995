-- The order that a seed (hex) draws the entries of a list in: an entry of weight n has n tickets, ticket i
-- being SHA-256(seed ‖ "pseudonym:i"), and stands where its lowest ticket comes. So the chance to
-- stand first is as the weights, and neither the list's order nor who draws has a part in it. Anybody
-- can do it again. A plain read.
create or replace function draw_order(p_benefit integer, p_seed text)
returns table (pseudonym text, place integer) language sql stable as $$
  select t.pseudonym, (row_number() over (order by t.lowest, t.pseudonym collate "C"))::integer
  from (
    select e.pseudonym, min(
      encode(sha256(decode(p_seed, 'hex') || convert_to(e.pseudonym || ':' || i, 'UTF8')), 'hex')
      collate "C"
    ) as lowest
    from draw_entry e
    cross join lateral generate_series(1, e.weight) i
    where e.benefit_id = p_benefit
    group by e.pseudonym
  ) t
$$;
