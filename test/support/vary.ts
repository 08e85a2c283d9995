import type { Sql } from '../../db/client.ts';

/** Edits of a function's text, each of which must be found: a negative control that changes nothing proves nothing. */
export type Edits = [guard: string, without: string][];

/**
 * Negative control: runs with a guard taken out of one of the database's own functions, and puts the function back. Use
 * it in a database whose contents nobody trusts afterwards.
 */
export async function without<T>(
  sql: Sql,
  name: string,
  edits: Edits,
  run: () => Promise<T>,
): Promise<T> {
  const [found] = await sql<{ definition: string }[]>`
    select pg_get_functiondef(oid) as definition from pg_proc where proname = ${name}`;
  if (!found) throw new Error(`There is no function ${name}.`);
  let varied = found.definition;
  for (const [guard, replacement] of edits) {
    if (!varied.includes(guard)) throw new Error(`${name} has no "${guard}".`);
    varied = varied.replaceAll(guard, replacement);
  }
  await sql.unsafe(varied);
  try {
    return await run();
  } finally {
    await sql.unsafe(found.definition);
  }
}
