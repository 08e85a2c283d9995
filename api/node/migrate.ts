import { migrate } from '../../db/migrate.ts';
import { openDatabase } from './database.ts';
import { settings } from './settings.ts';
import { step } from './step.ts';

/** `npm run db:migrate`: needs nothing but the database. */
export async function migrateCommand(): Promise<void> {
  const config = await settings({ needs: ['DATABASE_URL'] });
  const database = await step('database', (say) => openDatabase(config, say));
  try {
    await step('migrations', (say) => migrate(database.url, say));
  } finally {
    await database.stop();
  }
}
