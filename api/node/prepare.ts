import { connect } from '../../db/client.ts';
import { migrate } from '../../db/migrate.ts';
import { seedDemoCity } from '../../db/seed/city.ts';
import type { Config } from '../config.ts';
import { ensureKey } from '../passes/rotate.ts';
import { openDatabase, type OpenDatabase } from './database.ts';
import { reviveWhenDead } from './revive.ts';
import type { Shutdown } from './shutdown.ts';
import { step } from './step.ts';

/** The database as a server needs it: open, of this version, with a key that signs, and in demo mode with its city. */
export async function prepareDatabase(config: Config, shutdown: Shutdown): Promise<OpenDatabase> {
  const opening = step('database', (say) => openDatabase(config, say));
  // Registered before it is there: a Ctrl-C meanwhile waits for it, and stops it.
  shutdown.add(() => opening.then((database) => database.stop()).catch(() => {}));
  const database = await opening;
  await step('migrations', (say) => migrate(database.url, say));
  const sql = connect(database.url, { max: 2 });
  try {
    await ensureKey({ sql, config });
    if (config.demo) {
      await step('demo city', async (say) => {
        const { secret, origin } = config;
        const isNew = await seedDemoCity(sql, { secret, origin }, say);
        if (!isNew) say('kept as it is');
      });
    }
  } finally {
    await sql.end({ timeout: 5 });
  }
  if (database.cluster?.isOwner) reviveWhenDead(database.cluster, shutdown);
  return database;
}
