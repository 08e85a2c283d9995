// Risk: bringing a database to the next version cuts off who is being served meanwhile (I25). `npm run drill versions`
// does it with the last tagged version.
import { expect, test, vi } from 'vitest';
import { migrate } from '../../db/migrate.ts';
import { withSql } from './database.ts';
import { openStage } from './stage.ts';
import { versions } from './drill/versions.ts';

// Whole machines are started and killed; a few seconds each where nothing else runs.
vi.setConfig({ testTimeout: 180_000 });

const timesApplied = 3;
const orders = 240;

test('functions that are applied anew under load refuse nobody', async () => {
  const stage = await openStage({ seed: 6, apis: 1 });
  try {
    const served = stage.counters().serve(await stage.orders(orders));
    for (let times = 1; times <= timesApplied; times += 1) {
      await stage.book.reaches((orders * times) / (timesApplied + 1));
      await withSql(stage.url, (sql) => sql`delete from drizzle.function_set`);
      await migrate(stage.url);
    }
    await served;
    expect(await stage.findings()).toEqual([]);
  } finally {
    await stage.close();
  }
});

test('what cannot be unpacked is one sentence, and nothing is started for it', async () => {
  await expect(versions({ seed: 6, from: 'no-such-version' })).rejects.toThrow(
    'git knows no version no-such-version.',
  );
});
