import { randomBytes } from 'node:crypto';
import { afterAll, inject } from 'vitest';
import { connect, type ConnectOptions, type Sql } from '../../db/client.ts';
import { template } from './cluster.ts';

export type TestDatabase = {
  url: string;
  sql: Sql;
  /** One more pool on this database, ended with it: for racing real connections or counting statements. */
  connect: (options?: ConnectOptions) => Sql;
};

/**
 * A migrated, empty database for one test file, made from the template and dropped after the file's last test. Call it
 * at the top of the file: `const database = await createDatabase();`.
 */
export async function createDatabase(): Promise<TestDatabase> {
  const server = inject('clusters')[inject('postgres')];
  if (!server) throw new Error('No cluster runs for this project.');
  const name = `t_${randomBytes(6).toString('hex')}`;
  const admin = connect(server, { max: 1 });
  await admin`create database ${admin(name)} template ${admin(template)}`;
  const url = server.replace(/postgres$/, name);
  const pools: Sql[] = [];
  const open = (options?: ConnectOptions) => {
    const pool = connect(url, options);
    pools.push(pool);
    return pool;
  };
  afterAll(async () => {
    await Promise.all(pools.map((pool) => pool.end({ timeout: 5 })));
    await admin`drop database ${admin(name)} with (force)`;
    await admin.end();
  });
  return { url, sql: open(), connect: open };
}
