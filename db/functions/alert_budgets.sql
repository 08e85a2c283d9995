-- Housekeeping: alerts the unions of whose running year's budget what is used and reserved has reached
-- a share at which they want to know, and answers how many alerts that were. Once for a share, until
-- the budget is raised and the same share reached again. Looks only at the budgets whose turn it is,
-- of `p_turns`, so that a run is short. Safe twice at once.
create or replace function alert_budgets(p_turn integer, p_turns integer)
returns integer language plpgsql as $$
declare
  raised integer;
begin
  insert into alert (kind, budget_id, percent, budget_fen, union_id, raised_at)
  select 'budget_threshold', g.id, due.percent, g.amount_fen, g.union_id, clock()
  from budget g
  cross join lateral (
    select distinct p.percent from unnest(g.alert_percents) p (percent)
    where not exists (
      select from alert a
      where a.budget_id = g.id and a.percent = p.percent and a.budget_fen >= g.amount_fen)
  ) due
  cross join lateral budget_states(array[g.id]) s
  where g.year = year_of(clock()) and g.amount_fen > 0 and g.id % p_turns = p_turn % p_turns
    and (s.used_fen + s.reserved_fen) * 100 >= g.amount_fen * due.percent
  order by g.id, due.percent
  on conflict on constraint alert_of_budget do nothing;
  get diagnostics raised = row_count;
  return raised;
end
$$;
