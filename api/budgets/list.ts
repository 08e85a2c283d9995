import { sql } from 'drizzle-orm';
import { refuse, signedIn } from '../authority.ts';
import type { Ctx } from '../context.ts';
import { named, type Named } from '../unions/named.ts';
import { offices } from '../unions/office.ts';
import { type Burn, type Forecast, forecast } from './forecast.ts';

export type BudgetView = Forecast & {
  union: Named;
  /** Null where there is none for this year yet; the figures are zero then. */
  amountFen: number | null;
  usedFen: number;
  reservedFen: number;
  alertPercents: number[];
  version: number;
  canEdit: boolean;
};

type Row = Omit<BudgetView, keyof Forecast> & { burn: Burn[]; today: string };

/**
 * The budgets of a union and of those right below it that have one, for a year: what is used, reserved and left, and
 * when it would end. Only a year that runs has a forecast.
 */
export async function listBudgets(c: Ctx, unionId: number, year: number): Promise<BudgetView[]> {
  const rows = await c.env.db.execute<Row>(sql`
    with office as materialized (${offices(signedIn(c))}),
      asked as (
        select u.id from trade_union u
        where u.id = ${unionId} and exists (select from office o where o.union_id = any(u.path)))
    select ${named('u')} as union, g.amount_fen as "amountFen",
      coalesce(s.used_fen, 0)::bigint as "usedFen", coalesce(s.reserved_fen, 0)::bigint as "reservedFen",
      coalesce(to_jsonb(g.alert_percents), '[80, 95]') as "alertPercents",
      coalesce(g.version, 0) as version, local_day(clock())::text as today,
      coalesce((
        select jsonb_agg(jsonb_build_object('day', d.day, 'fen', d.fen))
        from borne_by_day(u.id, local_day(clock()) - 28, local_day(clock()) - 1) d
        where g.id is not null and g.year = year_of(clock())), '[]') as burn,
      exists (select from office o where role_may(o.role, 'money') and o.union_id = any(u.path))
        as "canEdit"
    from asked
    join trade_union u on u.id = asked.id or u.parent_id = asked.id
    left join budget g on g.union_id = u.id and g.year = ${year}::int
    left join lateral budget_states(array[g.id]) s on g.id is not null
    where u.id = asked.id or g.id is not null or u.level = 2
    order by u.level, u.district_code nulls last, u.id`);
  if (rows.length === 0) return refuse(c);
  return rows.map(({ burn, today, ...row }) => ({
    ...row,
    ...forecast(
      burn,
      Number(row.amountFen ?? 0) - Number(row.usedFen),
      today,
      row.amountFen !== null && Number(today.slice(0, 4)) === year ? year : 0,
    ),
  }));
}
