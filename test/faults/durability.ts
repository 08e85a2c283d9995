import { withSql } from './database.ts';

const wanted = ['fsync', 'full_page_writes', 'synchronous_commit'];

export type Durability = { said: string; missing: string[] };

/** What PostgreSQL does before it says that something is done, and what of it is not on. */
export async function readDurability(url: string): Promise<Durability> {
  const rows = await withSql(
    url,
    (sql) => sql<{ name: string; setting: string }[]>`
      select name, setting from pg_settings where name = any (${wanted}::text[]) order by name`,
  );
  return {
    said: rows.map(({ name, setting }) => `${name} ${setting}`).join(', '),
    missing: wanted.filter(
      (name) => !rows.some((row) => row.name === name && row.setting === 'on'),
    ),
  };
}
