// Risk: in a function of plain SQL a parameter's name means a column of the same name, and a rule compares it with itself.
import { expect, test } from 'vitest';
import type { Transaction } from '../../db/client.ts';
import { createDatabase } from '../support/database.ts';
import { without } from '../support/vary.ts';

type Probed = { name: string; parameters: string[]; takes: string; gives: string; body: string };

const { sql } = await createDatabase();

/** Comments out, and what stands between quotes, so that only names are left; every character keeps its place. */
const bare = (body: string) =>
  body
    .replace(/--.*$/gm, '')
    .replace(/'(?:[^']|'')*'/g, (text) => "'".padEnd(text.length - 1) + "'");

/** What a parameter is called that no column is. */
const renamed = (parameter: string) => `probed_${parameter}`;

/**
 * Where a function says a parameter's name and means something else: the parameter is given another name, as is each place
 * that PostgreSQL then cannot understand any more; what it still understands was never the parameter.
 */
async function misread(tx: Transaction, one: Probed, parameter: string): Promise<string[]> {
  const { name, takes, gives } = one;
  const own = new RegExp(`\\b${name}\\.${parameter}\\b`, 'g');
  let body = one.body.replace(/--.*$/gm, '').replace(own, renamed(parameter));
  const head = takes.replace(new RegExp(`(^|, )${parameter} `), `$1${renamed(parameter)} `);
  for (;;) {
    const before = `create function pg_temp.${name}(${head}) returns ${gives} language sql as $probe$`;
    try {
      await tx.savepoint(async (point) => {
        await point.unsafe(`${before}${body}$probe$`);
        throw new Understood();
      });
    } catch (error) {
      if (error instanceof Understood) break;
      const at = Number((error as { position?: string }).position) - 1 - before.length;
      if (!body.startsWith(parameter, at)) throw error;
      body = body.slice(0, at) + renamed(parameter) + body.slice(at + parameter.length);
    }
  }
  const names = new RegExp(`(?<![.\\w"])(?<!\\bas )${parameter}(?![\\w"(]| time zone)`, 'g');
  return Array.from(
    bare(body).matchAll(names),
    ({ index }) =>
      `${name}: ${body.slice(Math.max(0, index - 30), index + 20).replace(/\s+/g, ' ')}`,
  );
}

class Understood extends Error {}

async function misreadings(which: string[] | null): Promise<string[]> {
  const functions = await sql<Probed[]>`
    select p.proname as name, pg_get_function_arguments(p.oid) as takes,
      pg_get_function_result(p.oid) as gives, p.prosrc as body,
      array(
        select n.name from unnest(p.proargnames) with ordinality n (name, i)
        where n.name <> '' and coalesce(p.proargmodes[n.i], 'i') in ('i', 'b', 'v')
      ) as parameters
    from pg_proc p
    join pg_language l on l.oid = p.prolang and l.lanname = 'sql'
    where p.pronamespace = 'public'::regnamespace and (${which}::text[] is null or p.proname = any (${which}))
    order by 1`;
  const found: string[] = [];
  await sql.begin(async (tx) => {
    for (const one of functions)
      for (const parameter of one.parameters) found.push(...(await misread(tx, one, parameter)));
  });
  return found;
}

test('in no function of plain SQL a parameter’s name is read as a column’s', async () => {
  expect(await misreadings(null)).toEqual([]);
});

test.each([
  ['opening_delay', 'opening_delay.at', 'at'],
  [
    'entitlement',
    'f.* from claim_at(m.cell, m.id, b.id, outlet, at) f',
    'f.* from claim_at(m.cell, m.id, b.id, outlet, at) f join claim on claim.at < at',
  ],
])('%s: said wrongly it is found', async (name, right, wrong) => {
  expect(await misreadings([name])).toEqual([]);
  const found = await without(sql, name, [[right, wrong]], () => misreadings([name]));
  expect(found).toHaveLength(1);
});
