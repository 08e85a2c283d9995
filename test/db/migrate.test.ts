// Risk: two versions start again and again on one database, and each puts its own functions under the other's feet (I25).
import { beforeEach, expect, test } from 'vitest';
import { migrate } from '../../db/migrate.ts';
import { createDatabase } from '../support/database.ts';

const { sql, url } = await createDatabase();

/** As if another version had applied its functions last; one of them tells. */
async function applyAs(version: string | null): Promise<void> {
  await sql`insert into drizzle.function_set (hash, version) values ('another', ${version})`;
  await sql.unsafe(`
    create or replace function iso(at timestamptz) returns text language sql stable
    return 'another'`);
}

async function isOurs(): Promise<boolean> {
  const [row] = await sql<{ said: string }[]>`select iso(now()) as said`;
  return row?.said !== 'another';
}

async function sets(): Promise<string[]> {
  const rows = await sql<{ hash: string }[]>`
    select hash from drizzle.function_set order by applied_at`;
  return rows.map(({ hash }) => hash);
}

beforeEach(async () => {
  await sql`delete from drizzle.function_set`;
  await migrate(url);
});

test.each(['0.0.1', null])(
  'over the functions of an earlier version (%s) go ours',
  async (version) => {
    await applyAs(version);
    await migrate(url);
    expect(await isOurs()).toBe(true);
    // Version 0.1.0 leaves be what it finds its own mark beside.
    expect(await sets()).toEqual(['another', expect.stringMatching(/^[0-9a-f]{64}$/)]);
  },
);

test.each(['999.0.0', '0.999.0'])('the functions of a later version (%s) stay', async (version) => {
  await applyAs(version);
  await migrate(url);
  expect(await isOurs()).toBe(false);
});

test('a second time nothing is done', async () => {
  const said: string[] = [];
  await migrate(url, (line) => said.push(line));
  expect(said).toEqual([]);
});
