import { sql } from 'drizzle-orm';
import { signedIn } from '../authority.ts';
import type { Ctx } from '../context.ts';
import { requireOffice } from '../unions/office.ts';
import { reached } from './reach.ts';

export type PeriodView = {
  month: string;
  state: 'open' | 'closing' | 'closed';
  closingAt: Date | null;
  closedAt: Date | null;
  /** The digest over all statements of the month. */
  hash: string | null;
  /** What keeps an open month from being closed now. */
  blockers: ('not_over' | 'earlier_open')[];
  /** Scans made without a network, of any month, that nobody decided yet: they would be booked later. */
  waiting: number;
  /** Those of the month's statements that concern the caller. */
  statements: number;
  confirmed: number;
  disputed: number;
  canClose: boolean;
};

/** Every month since the first booking, the current one included, newest first; at most five years of them. */
export async function listPeriods(c: Ctx): Promise<PeriodView[]> {
  const actor = signedIn(c);
  await requireOffice(c, actor);
  return c.env.db.execute<PeriodView>(sql`
    with ${reached(actor)},
      root as (select exists (
        select from office o join trade_union r on r.id = o.union_id
        where r.level = 1 and o.is_money) as is_money),
      month as materialized (select * from ledger_months()),
      due as (
        select m.month, m.state, p.closing_at, p.closed_at, p.hash, array_remove(array[
          case when m.month >= month_of(clock()) then 'not_over' end,
          case when exists (
            select from month e where e.month < m.month and e.state <> 'closed' and e.is_booked)
            then 'earlier_open' end
        ], null) as blockers
        from month m left join period p on p.month = m.month
        where m.month >= month_of(clock()) - interval '5 years')
    select d.month::text as month, d.state, d.closing_at as "closingAt", d.closed_at as "closedAt",
      d.hash, case when d.state = 'open' then to_jsonb(d.blockers) else '[]' end as blockers,
      case when d.state = 'closed' then 0 else (
        select count(*)::int from offline_item i
        where i.verdict = 'needs_review' and i.decision is null) end as waiting,
      mine.statements, mine.confirmed, mine.disputed,
      d.state = 'open' and d.blockers = '{}' and root.is_money as "canClose"
    from due d cross join root
      cross join lateral (
        select count(*)::int as statements,
          (count(*) filter (where s.confirmed_at is not null and s.other_confirmed_at is not null))::int
            as confirmed,
          (count(*) filter (where exists (
            select from dispute q where q.statement_id = s.id and q.state in ('open', 'declined')
          )))::int as disputed
        from reached s where s.month = d.month) mine
    order by d.month desc`);
}
