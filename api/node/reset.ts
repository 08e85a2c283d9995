import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { startCluster } from '../../db/embedded.ts';
import { findPlace } from '../../db/place.ts';
import { isPostmasterOf, readPostmaster } from '../../db/postmaster.ts';
import { StartError } from '../../db/start-error.ts';
import { databaseFolder } from './folders.ts';
import { settings } from './settings.ts';
import { step } from './step.ts';

/** `npm run db:reset`: the embedded database is thrown away; the next start makes a new demo city. */
export async function reset(): Promise<void> {
  const config = await settings({ needs: ['DATABASE_URL'] });
  if (config.databaseUrl !== null) {
    throw new StartError(
      'DATABASE_URL is set: a database of your own is never thrown away by this command.',
    );
  }
  const folder = await findPlace(databaseFolder);
  await step(`removing ${folder}`, async () => {
    const data = join(folder, 'data');
    const running = await readPostmaster(data);
    if (running && (await isPostmasterOf(running.pid, data))) {
      const cluster = await startCluster({ folder: databaseFolder });
      if (!cluster.isOwner) {
        throw new StartError('Tongka is running on this data: stop it first (Ctrl-C), then reset.');
      }
      await cluster.stop();
    }
    await rm(folder, { recursive: true, force: true });
  });
}
