import { sql } from 'drizzle-orm';
import { refuse, signedIn } from '../authority.ts';
import type { Ctx } from '../context.ts';
import { byteOrderMark, csv } from '../csv.ts';
import { offices } from '../unions/office.ts';

export type BurnDown = {
  amountFen: number;
  reservedFen: number;
  /** The days on which something was borne, oldest first; today is the last that can be. */
  days: { day: string; fen: number }[];
  today: string;
};

/** What a union bore of a year's budget, day by day. */
export async function burnDown(c: Ctx, unionId: number, year: number): Promise<BurnDown> {
  const [found] = await c.env.db.execute<BurnDown>(sql`
    with office as materialized (${offices(signedIn(c))})
    select s.amount_fen as "amountFen", s.reserved_fen as "reservedFen",
      local_day(clock())::text as today,
      coalesce((
        select jsonb_agg(jsonb_build_object('day', d.day, 'fen', d.fen) order by d.day)
        from borne_by_day(u.id, make_date(${year}::int, 1, 1), make_date(${year}::int, 12, 31)) d
      ), '[]') as days
    from trade_union u
    join budget g on g.union_id = u.id and g.year = ${year}::int
    cross join lateral budget_states(array[g.id]) s
    where u.id = ${unionId} and exists (select from office o where o.union_id = any(u.path))`);
  return found ?? refuse(c);
}

/** The same as a table: day, what it cost, and what was left after it, in yuan. */
export function burnFile({ amountFen, days }: BurnDown): string {
  const yuan = (fen: number) => (fen / 100).toFixed(2);
  let left = amountFen;
  const rows = days.map(({ day, fen }) => {
    left -= fen;
    return [day, yuan(fen), yuan(left)];
  });
  return byteOrderMark + csv([['day', 'used_yuan', 'left_yuan'], ...rows]);
}
