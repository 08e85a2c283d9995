import { randomBytes } from 'node:crypto';
import { afterAll, inject } from 'vitest';
import { connect, type Sql } from '../../db/client.ts';
import { template } from './cluster.ts';

export type Original<T> = {
  filled: T;
  /** Runs on a copy of its own, dropped afterwards. */
  tryOn: <R>(work: (sql: Sql) => Promise<R>) => Promise<R>;
};

/** A database that is filled once and copied for every trial, so that all of them begin alike. */
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
  afterAll(async () => {
    await drop(original);
    await admin.end();
  });
  const filled = await fill(original.sql);
  await original.sql.end();
  return {
    filled,
    async tryOn(work) {
      const copy = await create(original.name);
      try {
        return await work(copy.sql);
      } finally {
        await drop(copy);
      }
    },
  };
}
