import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { migrate as applyMigrations } from 'drizzle-orm/postgres-js/migrator';
import * as z from 'zod';
import { connect, orm, type Sql, type Transaction } from './client.ts';

const migrationsFolder = join(import.meta.dirname, 'migrations');
const functionsFolder = join(import.meta.dirname, 'functions');
const packageFile = join(import.meta.dirname, '..', 'package.json');

const trigger = /^create or replace trigger [^;]+;/gm;

/**
 * Brings a database to this version: the numbered migrations not yet applied, then, if any of them changed, all SQL
 * functions in one transaction and their triggers, each in its own. Safe when two processes start at once: the second
 * waits, and finds nothing to do. Safe beside a later version: its functions stay, whose callers of this version they
 * serve as well.
 */
export async function migrate(url: string, say: (line: string) => void = () => {}): Promise<void> {
  // One connection holds the lock, the other one works, and gives up soon where it would block a running server.
  const sql = connect(url, {
    max: 2,
    settings: {
      lock_timeout: '5s',
      statement_timeout: '0',
      idle_in_transaction_session_timeout: '0',
    },
  });
  try {
    await prepare(sql);
    await sql.begin(async (holder) => {
      await holder`set local lock_timeout = '120s'`;
      await holder`lock table drizzle.function_set in access exclusive mode`;
      await holder`alter table drizzle.function_set add column if not exists version text`;
      const before = await countApplied(sql);
      await applyMigrations(orm(sql), { migrationsFolder });
      const applied = (await countApplied(sql)) - before;
      if (applied > 0) say(`${applied} migration${applied > 1 ? 's' : ''} applied`);
      const functions = await applyFunctions(sql, holder);
      if (functions > 0) say(`${functions} SQL functions applied`);
    });
  } finally {
    await sql.end();
  }
}

/** `if not exists` is not safe between two sessions: whoever loses that race finds what it wanted. */
async function prepare(sql: Sql): Promise<void> {
  const statement = `
    create schema if not exists drizzle;
    create table if not exists drizzle.function_set (hash text not null, applied_at timestamptz not null default now())`;
  const raced = new Set(['23505', '42P06', '42P07']);
  try {
    await sql.unsafe(statement);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && raced.has(String(error.code)))) throw error;
    await sql.unsafe(statement);
  }
}

async function countApplied(sql: Sql): Promise<number> {
  const [found] = await sql<{ table: string | null }[]>`
    select to_regclass('drizzle.__drizzle_migrations')::text as table`;
  if (!found?.table) return 0;
  const [row] = await sql<{ count: number }[]>`
    select count(*)::int as count from drizzle.__drizzle_migrations`;
  return row?.count ?? 0;
}

async function applyFunctions(sql: Sql, holder: Transaction): Promise<number> {
  const names = (await readdir(functionsFolder)).filter((name) => name.endsWith('.sql')).sort();
  const texts = await Promise.all(
    names.map((name) => readFile(join(functionsFolder, name), 'utf8')),
  );
  const hash = createHash('sha256')
    .update(JSON.stringify([names, texts]))
    .digest('hex');
  const version = await ownVersion();
  const [last] = await holder<{ isOurs: boolean; isLater: boolean | null }[]>`
    select hash = ${hash} as "isOurs",
      string_to_array(version, '.')::int[] > string_to_array(${version}, '.')::int[] as "isLater"
    from drizzle.function_set order by applied_at desc limit 1`;
  if (last?.isOurs || last?.isLater) return 0;
  await sql.begin(async (work) => {
    // Functions may call each other in any order of their files' names.
    await work`set local check_function_bodies = off`;
    for (const [i, text] of texts.entries()) await apply(work, text.replace(trigger, ''), names[i]);
  });
  // A trigger locks its table: who held one while waiting for the next would end in a deadlock with who is served.
  for (const [i, text] of texts.entries()) {
    for (const [statement] of text.matchAll(trigger)) await apply(sql, statement, names[i]);
  }
  // The others' rows stay: by its own, version 0.1.0 sees that it was here, and leaves ours alone.
  await holder`delete from drizzle.function_set where hash = ${hash}`;
  await holder`insert into drizzle.function_set (hash, version) values (${hash}, ${version})`;
  return names.length;
}

async function apply(sql: Sql | Transaction, text: string, name = ''): Promise<void> {
  await sql.unsafe(text).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`db/functions/${name}: ${reason}`, { cause: error });
  });
}

async function ownVersion(): Promise<string> {
  const found: unknown = JSON.parse(await readFile(packageFile, 'utf8'));
  return z.object({ version: z.string() }).parse(found).version;
}
