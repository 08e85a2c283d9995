// Risk: a test database whose clock does not stop, or a production database whose clock can be moved.
import { expect, test } from 'vitest';
import { migrate } from '../../db/migrate.ts';
import { moveClock, setClock } from '../support/clock.ts';
import { createDatabase } from '../support/database.ts';

const { sql, url, connect } = await createDatabase();
const untouched = await createDatabase();

async function now(pool = sql): Promise<string> {
  const [row] = await pool<{ at: Date }[]>`select clock() as at`;
  return row?.at.toISOString() ?? '';
}

test('a test stops, moves and restarts the clock for every session of its database', async () => {
  const other = connect({ max: 1 });
  const before = await now(other);
  await setClock(sql, '2026-05-01T00:00:00Z');
  expect(await now()).toBe('2026-05-01T00:00:00.000Z');
  await moveClock(sql, '1 day');
  expect(await now(other)).toBe('2026-05-02T00:00:00.000Z');
  await setClock(sql, null);
  expect((await now()) > before).toBe(true);
});

test('a database nobody asked for it has nothing to stop its clock with', async () => {
  const [row] = await untouched.sql`select to_regclass('public.test_clock') as table`;
  expect(row).toEqual({ table: null });
});

test('migrating twice at once, and again, changes nothing', async () => {
  const count = async () =>
    (await sql`select count(*)::int as n from drizzle.__drizzle_migrations`)[0]?.['n'];
  const before = await count();
  const said: string[] = [];
  await Promise.all([migrate(url, (line) => said.push(line)), migrate(url)]);
  expect(said).toEqual([]);
  expect(await count()).toBe(before);
});

test('the database that tests run on keeps what it was told, as production does', async () => {
  const [row] = await sql`
    select current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit,
      current_setting('full_page_writes') as pages, current_setting('TimeZone') as zone`;
  expect(row).toEqual({ fsync: 'on', commit: 'on', pages: 'on', zone: 'UTC' });
});
