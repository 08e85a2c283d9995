import { connect, type Sql } from '../../db/client.ts';
import { migrate } from '../../db/migrate.ts';
import type { Config } from '../config.ts';
import { openDatabase } from './database.ts';
import { settings } from './settings.ts';

/** Runs a command's work on the configured database, beside a running server or alone, and leaves it as it was. */
export async function withDatabase<T>(
  work: (store: { sql: Sql; config: Config }) => Promise<T>,
): Promise<T> {
  const config = await settings({ needs: ['DATABASE_URL', 'TONGKA_SECRET'] });
  const database = await openDatabase(config, () => {});
  try {
    await migrate(database.url);
    const sql = connect(database.url, { max: 4 });
    try {
      return await work({ sql, config });
    } finally {
      await sql.end({ timeout: 5 });
    }
  } finally {
    await database.stop();
  }
}
