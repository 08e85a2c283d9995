import { mkdtemp, rm } from 'node:fs/promises';
import { platform, tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type Sql } from '../../db/client.ts';
import { type Cluster, startCluster } from '../../db/embedded.ts';
import { migrate } from '../../db/migrate.ts';
import { seedDemoCity } from '../../db/seed/city.ts';

export type DrillDatabase = { cluster: Cluster; url: string; stop: () => Promise<void> };

export type DrillDatabaseOptions = {
  secret: string;
  /** PostgreSQL's, beside the usual ones. */
  settings?: Record<string, string>;
  /** Fills it, if not this version with the demo city. */
  fill?: (url: string) => Promise<void>;
};

const members = 400;
const name = 'drill';
/** Before it recovers, PostgreSQL makes sure of every file: where it can, of all at once. */
const quickStart = platform() === 'linux' ? { recovery_init_sync_method: 'syncfs' } : {};

/** A PostgreSQL of the drill's own with a small demo city, to be killed as often as one likes. */
export async function openDatabase(options: DrillDatabaseOptions): Promise<DrillDatabase> {
  const { secret, settings = {}, fill = (url: string) => fillCity(url, secret) } = options;
  const folder = await mkdtemp(join(tmpdir(), 'tongka-drill-'));
  const cluster = await startCluster({ folder, settings: { ...quickStart, ...settings } });
  const stop = async () => {
    await cluster.stop();
    for (const path of new Set([folder, cluster.folder])) {
      await rm(path, { recursive: true, force: true });
    }
  };
  try {
    const url = cluster.url(name);
    await withSql(cluster.url('postgres'), (sql) => sql`create database ${sql(name)}`);
    await fill(url);
    return { cluster, url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function fillCity(url: string, secret: string): Promise<void> {
  await migrate(url);
  await withSql(url, (sql) => seedDemoCity(sql, { secret, members, redemptions: 0 }));
}

/** A connection for one piece of work, that no earlier fault can have touched. */
export async function withSql<T>(url: string, work: (sql: Sql) => Promise<T>): Promise<T> {
  const sql = connect(url, { max: 1 });
  try {
    return await work(sql);
  } finally {
    await sql.end({ timeout: 5 });
  }
}
