import type { Sql } from '../../db/client.ts';

export type Say = (line: string) => void;

type Rule = { table: string; name: string; definition: string; isKey: boolean; isIndex: boolean };

/**
 * Does `work` while the tables have neither indexes nor keys, which then stand again as they were, checked against every
 * row. Millions of rows come in many times faster so.
 */
export async function withBareTables(
  sql: Sql,
  tables: readonly string[],
  say: Say,
  work: () => Promise<void>,
): Promise<void> {
  const rules = await readRules(sql, tables);
  for (const { table, name, isIndex } of rules.toReversed()) {
    await sql.unsafe(
      isIndex ? `drop index ${name}` : `alter table ${table} drop constraint ${name}`,
    );
  }
  await work();
  for (const { table, name, definition, isIndex } of rules) {
    const start = performance.now();
    await sql.unsafe(
      isIndex ? definition : `alter table ${table} add constraint ${name} ${definition}`,
    );
    say(`${name}: ${((performance.now() - start) / 1000).toFixed(1)} s`);
  }
}

/** Keys before the indexes, and both before the references that need them. */
async function readRules(sql: Sql, tables: readonly string[]): Promise<Rule[]> {
  return sql<Rule[]>`
    with emptied as (select to_regclass(name)::oid as id from unnest(${tables}::text[]) name)
    select c.conrelid::regclass::text as table, quote_ident(c.conname) as name,
      pg_get_constraintdef(c.oid) as definition, c.contype <> 'f' as "isKey", false as "isIndex"
    from pg_constraint c
    where c.contype in ('p', 'u') and c.conrelid in (select id from emptied)
      or c.contype = 'f' and (
        c.conrelid in (select id from emptied) or c.confrelid in (select id from emptied)
      )
    union all
    select i.indrelid::regclass::text, i.indexrelid::regclass::text,
      pg_get_indexdef(i.indexrelid), false, true
    from pg_index i
    where i.indrelid in (select id from emptied)
      and not exists (select from pg_constraint c where c.conindid = i.indexrelid and c.contype in ('p', 'u'))
    order by "isKey" desc, "isIndex" desc, "table", name`;
}
