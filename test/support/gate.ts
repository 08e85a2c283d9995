import type { Sql, Transaction } from '../../db/client.ts';

/**
 * Makes a race happen every time, without sleeping: holds what `close` locks, starts the contenders, waits until all of
 * them (`waiting` sessions) stand in a queue for some lock, then lets go.
 */
export async function race<T>(
  sql: Sql,
  waiting: number,
  close: (tx: Transaction) => Promise<unknown>,
  start: () => Promise<T>[],
): Promise<T[]> {
  const contenders = await sql.begin(async (tx) => {
    await close(tx);
    const started = Promise.all(start());
    started.catch(() => {});
    await queued(sql, waiting);
    return { started };
  });
  return contenders.started;
}

/** Until so many sessions stand in a queue for some lock. */
export async function queued(sql: Sql, waiting: number): Promise<void> {
  for (;;) {
    const [row] = await sql<{ count: number }[]>`
      select count(*)::int as count from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`;
    if ((row?.count ?? 0) >= waiting) return;
  }
}

/** Stops every redemption just before it is written, when all its decisions are made. */
export const beforeWriting = (tx: Transaction) => tx`lock table redemption in share mode`;
