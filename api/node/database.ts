import { connect } from '../../db/client.ts';
import { type Cluster, startCluster } from '../../db/embedded.ts';
import { StartError } from '../../db/start-error.ts';
import type { Config } from '../config.ts';
import { databaseFolder } from './folders.ts';

export type OpenDatabase = {
  url: string;
  /** The embedded PostgreSQL, or null where the database is somebody else's. */
  cluster: Cluster | null;
  stop: () => Promise<void>;
};

const name = 'tongka';
const oldestMajor = 15;

/** The configured database, known to answer; without one the embedded PostgreSQL, started. */
export async function openDatabase(
  { databaseUrl }: Pick<Config, 'databaseUrl'>,
  say: (line: string) => void,
): Promise<OpenDatabase> {
  if (databaseUrl !== null) {
    await askVersion(databaseUrl, say);
    return { url: databaseUrl, cluster: null, stop: () => Promise.resolve() };
  }
  const cluster = await startCluster({ folder: databaseFolder, say });
  try {
    await ensureDatabase(cluster.url('postgres'));
  } catch (error) {
    await cluster.stop();
    throw error;
  }
  return { url: cluster.url(name), cluster, stop: cluster.stop };
}

async function askVersion(url: string, say: (line: string) => void): Promise<void> {
  const { host, pathname } = new URL(url);
  const sql = connect(url, { max: 1 });
  try {
    const [row] = await sql<{ number: number }[]>`
      select current_setting('server_version_num')::int as number`;
    const major = Math.floor((row?.number ?? 0) / 10_000);
    if (major < oldestMajor) {
      throw new StartError(
        `DATABASE_URL leads to PostgreSQL ${major}; it must be ${oldestMajor} or later.`,
      );
    }
    say(`PostgreSQL ${major} at ${host}${pathname}`);
  } catch (error) {
    if (error instanceof StartError) throw error;
    // The driver's message may hold the user's name and never the password.
    const reason = error instanceof Error ? error.message || error.name : String(error);
    throw new StartError(
      `The database of DATABASE_URL (${host}${pathname}) cannot be reached: ${reason}.`,
      {
        cause: error,
      },
    );
  } finally {
    await sql.end({ timeout: 1 });
  }
}

async function ensureDatabase(url: string): Promise<void> {
  const sql = connect(url, { max: 1 });
  try {
    const found = await sql`select 1 from pg_database where datname = ${name}`;
    if (found.length === 0) await sql`create database ${sql(name)}`;
  } finally {
    await sql.end();
  }
}
