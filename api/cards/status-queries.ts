import type { Sql } from '../../db/client.ts';
import type { Actor } from '../caller.ts';

/** `now` in epoch seconds, the numbers ascending; undefined for whom the list is not: members and strangers. */
export async function readRefusedCards(
  sql: Sql,
  { userId, sessionAt, secondFactorAt }: Actor,
): Promise<{ now: number; numbers: number[] } | undefined> {
  const [found] = await sql<{ now: number; numbers: number[] }[]>`
    with me as materialized (
      select from authority(${userId}::text, ${sessionAt}::timestamptz, ${secondFactorAt}::timestamptz)
      where role <> 'member'
      limit 1
    )
    select extract(epoch from clock())::float8 as now,
      coalesce((select jsonb_agg(number order by number) from card_status(interval '130 minutes') number),
        '[]') as numbers
    from me`;
  return found;
}
