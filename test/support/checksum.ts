import type { Sql } from '../../db/client.ts';

const aside = ['rate_window', 'search_miss', 'refusal_day'];

async function tablesOf(sql: Sql): Promise<string[]> {
  const tables = await sql<{ name: string }[]>`
    select relname as name from pg_class
    where relnamespace = 'public'::regnamespace and relkind = 'r'
      and relname <> all (${aside}) order by 1`;
  return tables.map(({ name }) => name);
}

async function sumsOf(sql: Sql, tables: string[]): Promise<Map<string, string>> {
  if (tables.length === 0) return new Map();
  const parts = tables.map(
    (name) => `select '${name}' as name,
      md5(coalesce(string_agg(x::text, ',' order by x::text), '')) as sum from "${name}" x`,
  );
  const sums = await sql.unsafe<{ name: string; sum: string }[]>(parts.join(' union all '));
  return new Map(sums.map(({ name, sum }) => [name, sum]));
}

/** One word for everything a database holds, without what is merely counted aside, behind the answers. */
export async function checksum(sql: Sql): Promise<string> {
  const tables = await tablesOf(sql);
  const sums = await sumsOf(sql, tables);
  return tables.map((name) => sums.get(name)).join();
}

/**
 * The same word, for who asks thousands of times: statement triggers say which tables were written since the last time,
 * and only these are read again. They are told of in the writer's own transaction, so that nothing committed is missed.
 */
export class Checksum {
  readonly #sql: Sql;
  readonly #sums = new Map<string, string>();

  private constructor(sql: Sql) {
    this.#sql = sql;
  }

  static async open(sql: Sql): Promise<Checksum> {
    const made = new Checksum(sql);
    await sql.unsafe(`
      create schema watched;
      create table watched.written (name text not null);
      create function watched.tell() returns trigger language plpgsql security definer as $$
        begin
          insert into watched.written values (tg_table_name);
          return null;
        end $$;
      grant usage on schema watched to public`);
    const tables = await tablesOf(sql);
    const triggers = tables.map(
      (name) => `create trigger zz_watched after insert or update or delete or truncate
        on "${name}" for each statement execute function watched.tell()`,
    );
    await sql.unsafe(triggers.join(';'));
    await made.#read(tables);
    return made;
  }

  async word(): Promise<string> {
    const written = await this.#sql<{ name: string }[]>`
      with taken as (delete from watched.written returning name) select distinct name from taken`;
    await this.#read(written.map(({ name }) => name));
    return [...this.#sums.keys()]
      .sort()
      .map((name) => this.#sums.get(name))
      .join();
  }

  async #read(tables: string[]): Promise<void> {
    for (const [name, sum] of await sumsOf(this.#sql, tables)) this.#sums.set(name, sum);
  }
}
