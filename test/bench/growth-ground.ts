import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Shutdown } from '../../api/node/shutdown.ts';
import { readConfig } from '../../api/config.ts';
import { ensureKey } from '../../api/passes/rotate.ts';
import { connect, type Sql } from '../../db/client.ts';
import { type Cluster, startCluster } from '../../db/embedded.ts';
import { migrate } from '../../db/migrate.ts';
import { seedDemoCity } from '../../db/seed/city.ts';
import { testSecret } from '../support/app.ts';
import { gatherCrowd, type Size } from './crowd.ts';
import { print } from './figure.ts';

export type Place = { sql: Sql; size: Size };

/** Nothing that PostgreSQL promises in production holds while a place is filled; it is started anew to be measured. */
const forFilling = {
  wal_level: 'minimal',
  max_wal_senders: '0',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  autovacuum: 'off',
  max_wal_size: '8GB',
  checkpoint_timeout: '30min',
  maintenance_work_mem: '1GB',
  work_mem: '256MB',
};
const forAsLongAsItTakes = { statement_timeout: '0', idle_in_transaction_session_timeout: '0' };

/**
 * One PostgreSQL with a city of each size, filled, vacuumed and read into memory; both under the settings of the product. In a
 * `folder` that is given, what an earlier run filled is measured again and stays.
 */
export async function openPlaces(
  sizes: readonly Size[],
  folder: string | undefined,
): Promise<{ places: Place[]; close: () => Promise<void> }> {
  const shutdown = new Shutdown();
  const place = folder ?? (await mkdtemp(join(tmpdir(), 'tongka-bench-')));
  if (folder === undefined) {
    shutdown.add(() => rm(place, { recursive: true, force: true }));
  }
  try {
    await fillMissing(place, sizes);
    const cluster = await startCluster({ folder: place });
    shutdown.add(cluster.stop);
    const places: Place[] = [];
    for (const size of sizes) {
      const sql = connect(cluster.url(nameOf(size)), { max: 1, settings: forAsLongAsItTakes });
      shutdown.add(() => sql.end({ timeout: 5 }));
      places.push({ sql, size });
    }
    for (const { sql, size } of places) {
      await migrate(cluster.url(nameOf(size)));
      await settle(sql);
    }
    return { places, close: () => shutdown.run() };
  } catch (error) {
    await shutdown.run();
    throw error;
  }
}

function nameOf({ members, redemptions }: Size): string {
  return `city_${members}_${redemptions}`;
}

async function fillMissing(folder: string, sizes: readonly Size[]): Promise<void> {
  const cluster = await startCluster({ folder, settings: forFilling });
  try {
    for (const size of sizes) await fill(cluster, size);
  } finally {
    await cluster.stop();
  }
}

/** A name of its own until it is whole, so that what a stop leaves half-way is made again. */
async function fill(cluster: Cluster, size: Size): Promise<void> {
  const admin = connect(cluster.url('postgres'), { max: 1 });
  try {
    const known = await admin`select from pg_database where datname = ${nameOf(size)}`;
    if (known.length > 0) return;
    await admin`drop database if exists unfinished`;
    await admin`create database unfinished`;
    const url = cluster.url('unfinished');
    await migrate(url);
    const sql = connect(url, { max: 1, settings: forAsLongAsItTakes });
    print(`Filling a city of ${size.members.toLocaleString('en')}:`);
    await seedDemoCity(sql, { secret: testSecret, members: 5, redemptions: 0 });
    await gatherCrowd(sql, size, (line) => print(`  ${line}`));
    await sql`vacuum (freeze, analyze)`;
    await sql.end();
    await admin`alter database unfinished rename to ${admin(nameOf(size))}`;
  } finally {
    await admin.end();
  }
}

/**
 * Statistics and dead rows as after a quiet night, and in the machine's memory what a redemption reads by lot: all about
 * members, and the indexes of redemptions.
 */
async function settle(sql: Sql): Promise<void> {
  const config = readConfig({ TONGKA_SECRET: testSecret, LOG_LEVEL: 'error' }, { needs: [] });
  await ensureKey({ sql, config });
  await sql`vacuum analyze`;
  await sql`create extension if not exists pg_prewarm`;
  await sql`
    with people as (
      select oid from pg_class where oid = any ('{member,affiliation,card}'::regclass[])
    )
    select pg_prewarm(found.oid::regclass, 'read') from (
      select indexrelid as oid from pg_index where indrelid = 'redemption'::regclass
      union all select indexrelid from pg_index join people on people.oid = indrelid
      union all select oid from people
    ) found`;
}
