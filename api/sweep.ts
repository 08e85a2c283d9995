import type { Sql } from '../db/client.ts';
import type { Log } from './log.ts';

/** Housekeeping on both runtimes: deletes what no longer counts. */
export async function sweep(sql: Sql, log: Log): Promise<void> {
  const [row] = await sql<{ rows: number }[]>`select sweep() as rows`;
  log.info('housekeeping', { rows: row?.rows ?? 0 });
}
