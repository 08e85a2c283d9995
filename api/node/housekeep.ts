import type { Sql } from '../../db/client.ts';
import type { Log } from '../log.ts';
import { sweep } from '../sweep.ts';

const quarterHour = 15 * 60_000;

/** What the Cron Trigger does on Workers. Answers how to stop it. */
export function housekeep(sql: Sql, log: Log): () => Promise<void> {
  const timer = setInterval(() => {
    sweep(sql, log).catch((error: unknown) => log.error(error, 'housekeeping'));
  }, quarterHour);
  timer.unref();
  return () => Promise.resolve(clearInterval(timer));
}
