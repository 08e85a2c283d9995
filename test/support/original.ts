import { randomBytes } from 'node:crypto';
import { afterAll, inject } from 'vitest';
import { connect, type Sql } from '../../db/client.ts';
import { template } from './cluster.ts';

export type Original<T> = {
  filled: T;
  /** Runs in one transaction that never was. */
  undone: <R>(work: (sql: Sql) => Promise<R>) => Promise<R>;
  /** Runs on a copy of its own, with as many connections as it likes. */
  onCopy: <R>(work: (sql: Sql) => Promise<R>) => Promise<R>;
};

/** A database that is filled once, so that every trial on it begins alike. */
export async function createOriginal<T>(fill: (sql: Sql) => Promise<T>): Promise<Original<T>> {
  const server = inject('clusters')[inject('postgres')];
  if (!server) throw new Error('No cluster runs for this project.');
  const admin = connect(server, { max: 1 });
  const create = async (from: string) => {
    const name = `t_${randomBytes(6).toString('hex')}`;
    await admin`create database ${admin(name)} template ${admin(from)}`;
    return { name, sql: connect(server.replace(/postgres$/, name)) };
  };
  const drop = async ({ name, sql }: { name: string; sql: Sql }) => {
    await sql.end({ timeout: 5 });
    await admin`drop database ${admin(name)} with (force)`;
  };
  const original = await create(template);
  const filled = await fill(original.sql);
  // Nobody may be there when it is copied.
  await original.sql.end();
  const scratch = await create(original.name);
  afterAll(async () => {
    await drop(scratch);
    await drop(original);
    await admin.end();
  });
  return {
    filled,
    async undone(work) {
      const sql = await scratch.sql.reserve();
      await sql`begin`;
      try {
        return await work(sql);
      } finally {
        await sql`rollback`;
        sql.release();
      }
    },
    async onCopy(work) {
      const copy = await create(original.name);
      try {
        return await work(copy.sql);
      } finally {
        await drop(copy);
      }
    },
  };
}
