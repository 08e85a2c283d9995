import { sql } from 'drizzle-orm';
import { refuse, signedIn } from '../authority.ts';
import type { Ctx } from '../context.ts';
import { waiting } from '../proposals/waiting.ts';
import { named, type Named } from '../unions/named.ts';
import { offices } from '../unions/office.ts';

export type BudgetView = {
  union: Named;
  /** Null where there is none for this year yet; the figures are zero then. */
  amountFen: number | null;
  usedFen: number;
  reservedFen: number;
  /** What an average day of the last four weeks cost. */
  dailyFen: number;
  /** The day on which it ends if it goes on like that; null where it lasts to the end of the year. */
  endsOn: string | null;
  alertPercents: number[];
  version: number;
  canEdit: boolean;
  /** Another amount waits for a second person; told to whose money it is. */
  isProposed: boolean;
};

/**
 * The budgets of a union and of those right below it that have one, for a year: what is used, reserved and left, and
 * when it would end. Only a year that runs has a forecast.
 */
export async function listBudgets(c: Ctx, unionId: number, year: number): Promise<BudgetView[]> {
  const rows = await c.env.db.execute<BudgetView>(sql`
    with office as materialized (${offices(signedIn(c))}),
      asked as (
        select u.id from trade_union u
        where u.id = ${unionId} and exists (select from office o where o.union_id = any(u.path)))
    select ${named('u')} as union, g.amount_fen as "amountFen",
      coalesce(s.used_fen, 0)::bigint as "usedFen", coalesce(s.reserved_fen, 0)::bigint as "reservedFen",
      coalesce(to_jsonb(g.alert_percents), '[80, 95]') as "alertPercents",
      coalesce(g.version, 0) as version,
      case when g.year = year_of(clock()) then round(four_weeks_fen(u.id) / 28.0)::bigint else 0 end
        as "dailyFen",
      burn_end(u.id, g.year, g.amount_fen - s.used_fen)::text as "endsOn",
      my.is_money as "canEdit",
      my.is_money and exists (
        select from (${waiting('budget.set', 'union', sql`u.id`)}) w
        where w.payload -> 'year' = to_jsonb(${year}::int)) as "isProposed"
    from asked
    join trade_union u on u.id = asked.id or u.parent_id = asked.id
    cross join lateral (
      select exists (
        select from office o where role_may(o.role, 'money') and o.union_id = any(u.path)) as is_money) my
    left join budget g on g.union_id = u.id and g.year = ${year}::int
    left join lateral budget_states(array[g.id]) s on g.id is not null
    where u.id = asked.id or g.id is not null or u.level = 2
    order by u.level, u.district_code nulls last, u.id`);
  if (rows.length === 0) return refuse(c);
  return [...rows];
}
