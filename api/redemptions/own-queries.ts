import type { Sql } from '../../db/client.ts';
import type { Actor } from '../caller.ts';
import type { Cursor } from '../cursor.ts';
import { memberOf } from '../members/me.ts';
import { type OwnRedemption, ownRedemption } from './own.ts';

export type HistoryRow = { micros: number; redemption: OwnRedemption };

/** Newest first, one more than asked for, to know whether there is more. Undefined for who is no member. */
export async function readHistory(
  sql: Sql,
  actor: Actor,
  before: Cursor | undefined,
  limit: number,
): Promise<HistoryRow[] | undefined> {
  const [found] = await sql<{ rows: HistoryRow[] }[]>`
    with me as materialized (${memberOf(sql, actor)})
    select coalesce((
      select jsonb_agg(jsonb_build_object(
        'micros', (extract(epoch from r.booked_at) * 1e6)::bigint, 'redemption', ${ownRedemption(sql)}
      ) order by r.booked_at desc, r.id desc)
      from (
        select * from redemption r
        where r.cell = me.cell and r.member_id = me.member_id
          ${before ? sql`and (r.booked_at, r.id) < (${instantOf(sql, before)}, ${before.id}::uuid)` : sql``}
        order by r.booked_at desc, r.id desc limit ${limit + 1}
      ) r
    ), '[]') as rows
    from me`;
  return found?.rows;
}

const instantOf = (sql: Sql, { micros }: Cursor) =>
  sql`'epoch'::timestamptz + ${micros}::float8 * interval '1 microsecond'`;

/** The alert, made once; undefined when the redemption is not the caller's own. */
export async function insertAlert(
  sql: Sql,
  actor: Actor,
  id: string,
): Promise<{ isNew: boolean } | undefined> {
  const [found] = await sql<{ isNew: boolean }[]>`
    with me as materialized (${memberOf(sql, actor)}),
    mine as materialized (
      select r.cell, r.id, a.union_id
      from me
      join redemption r on r.cell = me.cell and r.id = ${id}::uuid and r.member_id = me.member_id
      join allocation a on a.id = r.allocation_id
    ),
    raised as (
      insert into alert (kind, cell, redemption_id, union_id, raised_at)
      select 'not_me', cell, id, union_id, clock() from mine
      on conflict (cell, redemption_id, kind) do nothing
      returning id
    )
    select exists (select from raised) as "isNew" from mine`;
  return found;
}
