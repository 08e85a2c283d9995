import { sql } from 'drizzle-orm';
import { refuse, signedIn } from '../authority.ts';
import { type Cursor, encodeCursor } from '../cursor.ts';
import type { Ctx } from '../context.ts';
import { reached } from './reach.ts';
import { parties, stateIs, type StatementState, type StatementView, view } from './view.ts';

export type StatementFilter = {
  month?: string;
  kind?: 'partner' | 'pair';
  state?: StatementState;
  union?: number;
  partner?: number;
  party?: number | 'city';
};

/** Statements that concern the caller's unions or the partners he runs, newest month first. */
export async function listStatements(
  c: Ctx,
  filter: StatementFilter,
  limit: number,
  after?: Cursor,
): Promise<{ statements: StatementView[]; next: string | null }> {
  const { month = null, kind = null, state = null, union = null, partner = null } = filter;
  const { party = null } = filter;
  const last = after ? Number(after.id) : null;
  const rows = await c.env.db.execute<StatementView>(sql`
    with ${reached(signedIn(c))}
    select ${view}
    from reached s ${parties}
    where (${month}::date is null or s.month = ${month}::date)
      and (${kind}::text is null or s.kind = ${kind})
      and (${partner}::int is null or s.partner_id = ${partner})
      and (${union}::int is null or ${union}::int = any(s.union_path || s.other_path))
      and ${party === 'city' ? sql`1 in (u.level, v.level)` : sql`(${party}::int is null or ${party} in (u.id, v.id))`}
      and (${last}::int is null or s.id < ${last}::int)
      and ${stateIs(state)}
    order by s.id desc
    limit ${limit + 1}`);
  if (rows.length === 0) await requireDesk(c);
  const statements = rows.slice(0, limit);
  const end = statements.at(-1);
  const next = rows.length > limit && end ? encodeCursor({ micros: 0, id: String(end.id) }) : null;
  return { statements, next };
}

/** An empty list is an answer for those who may have statements at all. */
async function requireDesk(c: Ctx): Promise<void> {
  const found = await c.env.db.execute(sql`
    with ${reached(signedIn(c))}
    select from office union all select from managed limit 1`);
  if (found.length === 0) await refuse(c);
}
