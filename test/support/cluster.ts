import { readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { connect } from '../../db/client.ts';
import type { PostgresVersion } from '../../db/binaries.ts';
import { type Cluster, startCluster } from '../../db/embedded.ts';
import { migrate } from '../../db/migrate.ts';
import { isAlive } from '../../db/postmaster.ts';

export const template = 'tongka_template';

declare module 'vitest' {
  interface ProvidedContext {
    /** The address of each running cluster's database `postgres`, by PostgreSQL's version. */
    clusters: Partial<Record<PostgresVersion, string>>;
    /** Which of them the project's tests use. */
    postgres: PostgresVersion;
  }
}

const prefix = 'tongka-test-';

/** Vitest's global set-up: one cluster a version for the whole run, each with a migrated template database. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  await sweep();
  const isTried15 = project.vitest.projects.some((one) => one.config.provide.postgres === 15);
  const versions: PostgresVersion[] = isTried15 ? [18, 15] : [18];
  const started = await Promise.all(versions.map(start));
  const stop = async () => {
    await Promise.all(started.map(remove));
  };
  // A `timeout` or a Ctrl-C must not leave servers behind; what a kill -9 leaves, the next run sweeps up.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => void stop().finally(() => process.exit(1)));
  }
  const urls = versions.map((version, i) => [version, started[i]?.url('postgres')] as const);
  project.provide('clusters', Object.fromEntries(urls));
  return stop;
}

async function start(version: PostgresVersion): Promise<Cluster> {
  const cluster = await startCluster({
    folder: join(tmpdir(), `${prefix}${process.pid}-${version}`),
    version,
    settings: { max_connections: '400', shared_buffers: '256MB' },
  });
  const sql = connect(cluster.url('postgres'), { max: 1 });
  await sql`create database ${sql(template)}`;
  await sql.end();
  await migrate(cluster.url(template));
  return cluster;
}

async function remove(cluster: Cluster): Promise<void> {
  await cluster.stop();
  await rm(cluster.folder, { recursive: true, force: true });
}

/** Removes what earlier runs left that nobody could stop. */
async function sweep(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const [, pid, version] = /^tongka-test-(\d+)-(15|18)$/.exec(name) ?? [];
    if (!pid || isAlive(Number(pid))) continue;
    const folder = join(tmpdir(), name);
    const left = await startCluster({ folder, version: version === '15' ? 15 : 18 }).catch(
      () => null,
    );
    await left?.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
