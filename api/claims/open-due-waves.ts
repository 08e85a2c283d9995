import type { Sql } from '../../db/client.ts';

/** Opens all waves that are due, each benefit's in a transaction of its own. Answers how many. */
export async function openDueWaves(sql: Sql): Promise<number> {
  const due = await sql<{ benefit: number }[]>`
    select distinct benefit_id as benefit from wave
    where opened_at is null and opens_at + make_interval(secs => entry_seconds) <= clock()`;
  let opened = 0;
  for (const { benefit } of due) {
    const [row] = await sql<{ waves: number }[]>`select open_waves(${benefit}) as waves`;
    opened += row?.waves ?? 0;
  }
  return opened;
}
