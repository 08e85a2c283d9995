-- Of each of these budgets: what its union bears of what was booked in its year, and what is reserved.
-- Both in one snapshot, so that a use, which moves money from the one to the other, is never counted
-- twice or missed. What is left is the amount without both; it is below zero only where what nobody
-- can reserve was borne: uses too many, and adjustments. A plain read.
create or replace function budget_states(p_budgets integer[]) returns table (
  id integer, union_id integer, year smallint, amount_fen bigint, used_fen bigint, reserved_fen bigint
) language sql stable as $$
  select g.id, g.union_id, g.year, g.amount_fen,
    borne_fen(g.union_id, year_start(g.year), year_start(g.year + 1)),
    coalesce((
      select sum(r.unit_fen * reserved_units(r)) from reservation r
      where r.budget_id = g.id and r.released_at is null), 0)::bigint
  from budget g
  where g.id = any (p_budgets)
$$;
