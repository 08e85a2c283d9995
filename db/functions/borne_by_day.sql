-- What a union bears by local day, from p_from to p_to, both among them; days without anything are left out. Like
-- borne_fen, from the roll-up as far as it goes and then off the ledger. A plain read.
create or replace function borne_by_day(p_union integer, p_from date, p_to date)
returns table (day date, fen bigint)
language sql stable as $$
  select b.day, sum(b.fen)::bigint
  from (
    select d.day, d.fen from borne_day d
    where d.union_id = p_union and d.day between p_from and p_to
    union all
    select l.day, l.fen
    from borne_between(
      greatest((select rolled_through()), day_begin(p_from)), day_begin(p_to + 1)
    ) l
    where l.union_id = p_union
  ) b
  group by b.day
  order by b.day
$$;
