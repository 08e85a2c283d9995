import type { Sql } from '../../db/client.ts';

/** One word for everything a database holds; attempts that were merely counted aside. */
export async function checksum(sql: Sql): Promise<string> {
  const tables = await sql<{ name: string }[]>`
    select table_name as name from information_schema.tables
    where table_schema = 'public' and table_name <> 'rate_window' order by 1`;
  const parts = tables.map(
    ({ name }) => `select '${name}' as name,
      md5(coalesce(string_agg(x::text, ',' order by x::text), '')) as sum from "${name}" x`,
  );
  const sums = await sql.unsafe<{ sum: string }[]>(`${parts.join(' union all ')} order by 1`);
  return sums.map(({ sum }) => sum).join();
}
