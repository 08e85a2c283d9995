import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll } from 'vitest';
import { openBrowser } from '../support/browser.ts';
import { setClock } from '../support/clock.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';
import { type Site, startSite, stopAtFreshMinute } from '../support/site.ts';
import { keepEvidence } from './evidence.ts';

/** The product, phones and counters of one test file; filled before its first test. */
export type Stand = {
  database: TestDatabase;
  site: Site;
  /** Without a camera. */
  phones: Browser;
  /** Each with a camera that looks at `film`. */
  counters: Browser;
  film: string;
};

/**
 * The demo city on a stopped clock. Cinemas give one benefit, the union film, at any hour: each answer about it then
 * fills the screen, whatever time of day the tests run. `at`: when the city begins, without a past and with few members;
 * otherwise now, with both.
 */
export async function openStand({ at }: { at?: string } = {}): Promise<Stand> {
  const database = await createDatabase();
  const stand = { database } as Stand;
  let folder = '';
  keepEvidence(() => [stand.phones, stand.counters]);
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tongka-e2e-'));
    stand.film = join(folder, 'camera.y4m');
    if (at === undefined) await stopAtFreshMinute(database);
    else await setClock(database.sql, at);
    stand.site = await startSite(database, at === undefined ? {} : { members: 40, redemptions: 0 });
    await database.sql`update benefit set paused_at = clock(), pause_reason = '测试'
      where kind = 'cinema' and title_en <> 'Union film ticket'`;
    [stand.phones, stand.counters] = await Promise.all([openBrowser(), openBrowser(stand.film)]);
  });
  afterAll(async () => {
    await Promise.all([stand.phones?.close(), stand.counters?.close()]);
    await stand.site?.stop();
    await rm(folder, { recursive: true, force: true });
  });
  return stand;
}
