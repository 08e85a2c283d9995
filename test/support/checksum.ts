import type { Sql } from '../../db/client.ts';

const aside = ['rate_window', 'search_miss', 'refusal_day'];

/** One word for everything a database holds, without what is merely counted aside, behind the answers. */
export async function checksum(sql: Sql): Promise<string> {
  const tables = await sql<{ name: string }[]>`
    select table_name as name from information_schema.tables
    where table_schema = 'public' and table_name <> all (${aside}) order by 1`;
  const parts = tables.map(
    ({ name }) => `select '${name}' as name,
      md5(coalesce(string_agg(x::text, ',' order by x::text), '')) as sum from "${name}" x`,
  );
  const sums = await sql.unsafe<{ sum: string }[]>(`${parts.join(' union all ')} order by 1`);
  return sums.map(({ sum }) => sum).join();
}
