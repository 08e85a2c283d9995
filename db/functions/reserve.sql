-- Makes the reservations of one allocation, or of one admission, what `p_costs` says (part, unionId,
-- unitFen), in these unions' budgets of a year; others of it are released. With `p_checks` refuses
-- what a budget has no money for: SQLSTATE TK001, message budget_missing or budget_short, its detail
-- {unionId, year, leftFen, neededFen} where left is without this reservation. Without, what there is
-- becomes less, and stays in the year where it is: only release_reservations() moves it, where the
-- next one has the money. The caller holds the budgets' locks (lock_budgets); so used + reserved never
-- exceed an amount, whoever reserves beside it.
create or replace function reserve(
  p_year integer, p_allocation integer, p_benefit integer, p_partner integer, p_costs jsonb,
  p_checks boolean
) returns void language plpgsql as $$
declare
  short record;
  of_year integer := p_year;
begin
  if not p_checks then
    select coalesce(max(g.year), p_year) into of_year
    from reservation r join budget g on g.id = r.budget_id
    where r.released_at is null and r.allocation_id is not distinct from p_allocation
      and r.benefit_id is not distinct from p_benefit
      and r.partner_id is not distinct from p_partner;
  end if;
  select c."unionId" as union_id into short
  from jsonb_to_recordset(p_costs) c ("unionId" integer)
  where not exists (select from budget g where g.union_id = c."unionId" and g.year = of_year)
  order by 1 limit 1;
  if found and p_checks then
    raise exception 'budget_missing' using errcode = 'TK001',
      detail = jsonb_build_object('unionId', short.union_id, 'year', of_year);
  end if;

  update reservation r set released_at = clock()
  where r.released_at is null and r.allocation_id is not distinct from p_allocation
    and r.benefit_id is not distinct from p_benefit
    and r.partner_id is not distinct from p_partner
    and not exists (
      select from jsonb_to_recordset(p_costs) c ("part" text, "unionId" integer)
      join budget g on g.union_id = c."unionId" and g.year = of_year
      where g.id = r.budget_id and c.part = r.part);
  insert into reservation (budget_id, part, allocation_id, benefit_id, partner_id, unit_fen)
  select g.id, c.part, p_allocation, p_benefit, p_partner, c."unitFen"
  from jsonb_to_recordset(p_costs) c ("part" text, "unionId" integer, "unitFen" bigint)
  join budget g on g.union_id = c."unionId" and g.year = of_year
  on conflict on constraint reservation_once
    do update set unit_fen = excluded.unit_fen, released_at = null;

  if p_checks then
    select s.union_id, s.amount_fen - s.used_fen - s.reserved_fen as left_fen, n.needed_fen
    into short
    from (
      select r.budget_id, sum(r.unit_fen * reserved_units(r))::bigint as needed_fen
      from reservation r
      where r.released_at is null and r.allocation_id is not distinct from p_allocation
        and r.benefit_id is not distinct from p_benefit
        and r.partner_id is not distinct from p_partner
      group by r.budget_id
    ) n
    join budget_states(array(
      select g.id from budget g
      where g.year = of_year and g.union_id in (
        select c."unionId" from jsonb_to_recordset(p_costs) c ("unionId" integer))
    )) s on s.id = n.budget_id
    where s.used_fen + s.reserved_fen > s.amount_fen
    order by s.id limit 1;
    if found then
      raise exception 'budget_short' using errcode = 'TK001', detail = jsonb_build_object(
        'unionId', short.union_id, 'year', of_year,
        'leftFen', short.left_fen + short.needed_fen, 'neededFen', short.needed_fen);
    end if;
  end if;
end
$$;
