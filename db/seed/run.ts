import { parseArgs } from 'node:util';
import { openDatabase } from '../../api/node/database.ts';
import { settings } from '../../api/node/settings.ts';
import { print, step } from '../../api/node/step.ts';
import { connect } from '../client.ts';
import { migrate } from '../migrate.ts';
import { StartError } from '../start-error.ts';
import { seedDemoCity } from './city.ts';

const usage =
  'npm run db:seed -- [--members 2000] [--redemptions 6000] [--seed 1], whole numbers without signs';
const countMax = 50_000_000;

/** `npm run db:seed`: a city of any size in an empty database. */
try {
  const size = readSize(process.argv.slice(2));
  const config = await settings({ needs: ['DATABASE_URL', 'TONGKA_SECRET'] });
  const database = await step('database', (say) => openDatabase(config, say));
  try {
    await step('migrations', (say) => migrate(database.url, say));
    const sql = connect(database.url, { max: 1 });
    const isNew = await step('city', (say) =>
      seedDemoCity(sql, { ...size, secret: config.secret }, say).finally(() => sql.end()),
    );
    if (!isNew) {
      throw new StartError(
        'There is a city already, and it stays as it is: "npm run db:reset" first, or an empty database in DATABASE_URL.',
      );
    }
  } finally {
    await database.stop();
  }
} catch (error) {
  print(error instanceof StartError ? error.message : String(error));
  process.exitCode = 1;
}

function readSize(args: string[]): { members?: number; redemptions?: number; seed?: number } {
  const option = { type: 'string' } as const;
  try {
    const { values } = parseArgs({
      args,
      options: { members: option, redemptions: option, seed: option },
    });
    return Object.fromEntries(Object.entries(values).map(([name, text]) => [name, count(text)]));
  } catch {
    throw new StartError(usage);
  }
}

function count(text: string): number {
  if (!/^\d{1,8}$/.test(text) || Number(text) > countMax) throw new RangeError(text);
  return Number(text);
}
