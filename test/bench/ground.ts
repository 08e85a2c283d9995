import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Config, readConfig } from '../../api/config.ts';
import { serve } from '../../api/node/serve.ts';
import { Shutdown } from '../../api/node/shutdown.ts';
import { freePort } from '../../api/node/wrangler.ts';
import { ensureKey } from '../../api/passes/rotate.ts';
import { connect, type Sql } from '../../db/client.ts';
import { startCluster } from '../../db/embedded.ts';
import { migrate } from '../../db/migrate.ts';
import { seedDemoCity } from '../../db/seed/city.ts';
import { testSecret } from '../support/app.ts';

/** A PostgreSQL of the bench's own with the demo city in it, and the product served from it over HTTP. */
export type Ground = {
  url: string;
  sql: Sql;
  config: Config;
  /** Serves on another port, or through another way to the database. */
  serve: (options?: { databaseUrl?: string; hasPages?: boolean }) => Promise<Server>;
  close: () => Promise<void>;
};

export type Server = { config: Config; stop: () => Promise<void> };

export async function openGround(): Promise<Ground> {
  const shutdown = new Shutdown();
  const folder = await mkdtemp(join(tmpdir(), 'tongka-bench-'));
  shutdown.add(() => rm(folder, { recursive: true, force: true }));
  try {
    const cluster = await startCluster({ folder });
    shutdown.add(cluster.stop);
    const admin = connect(cluster.url('postgres'), { max: 1 });
    await admin`create database bench`;
    await admin.end();
    const url = cluster.url('bench');
    await migrate(url);
    const sql = connect(url);
    shutdown.add(() => sql.end({ timeout: 5 }));
    await assertDurable(sql);
    const config = await configure();
    await ensureKey({ sql, config });
    await seedDemoCity(sql, { secret: config.secret });
    return {
      url,
      sql,
      config,
      serve: ({ databaseUrl = url, hasPages = false } = {}) =>
        startServer(shutdown, databaseUrl, hasPages),
      close: () => shutdown.run(),
    };
  } catch (error) {
    await shutdown.run();
    throw error;
  }
}

async function configure(): Promise<Config> {
  const port = await freePort();
  const origin = `http://127.0.0.1:${port}`;
  return readConfig(
    { PORT: String(port), ORIGIN: origin, TONGKA_SECRET: testSecret, LOG_LEVEL: 'error' },
    { needs: [] },
  );
}

async function startServer(
  parent: Shutdown,
  databaseUrl: string,
  hasPages: boolean,
): Promise<Server> {
  const config = await configure();
  const shutdown = new Shutdown();
  parent.add(() => shutdown.run());
  await serve({ config, database: { url: databaseUrl }, tls: null, hasPages, shutdown });
  return { config, stop: () => shutdown.run() };
}

/** A figure made with a database that forgets would be a lie. */
async function assertDurable(sql: Sql): Promise<void> {
  const [row] = await sql<{ on: boolean }[]>`
    select current_setting('fsync') = 'on' and current_setting('synchronous_commit') = 'on'
      and current_setting('full_page_writes') = 'on' as on`;
  if (!row?.on) throw new Error('The database of the bench does not keep what it was told.');
}
