// Risk: without a session of its own, as on Workers, a connection sends a list as nonsense or reads one as text.
import { expect, test } from 'vitest';
import { connect } from '../../db/client.ts';
import { createDatabase } from '../support/database.ts';

const database = await createDatabase();
const connections = [
  ['with a session', database.sql],
  ['without one', connect(database.url, { max: 1, hasSession: false })],
] as const;

const strange = ['', ' ', 'NULL', 'a,b', '{}', '"', '\\', '\\"', '换\n行', '𠮷', 'é'];

test.each<[string, unknown[]]>([
  ['smallint', [1, -2, 32767]],
  ['integer', [1, -2147483648]],
  ['bigint', [1, Number.MAX_SAFE_INTEGER]],
  ['text', strange],
  ['varchar', strange],
  ['uuid', ['01932c07-8f3c-7000-8000-0000000000aa']],
])('%s[] goes there and back', async (type, values) => {
  for (const [which, sql] of connections)
    for (const list of [values, [], [...values, null], [null]]) {
      const [row] = await sql`
        select ${list as never}::${sql.unsafe(type)}[] as back, cardinality(${list as never}::${sql.unsafe(type)}[]) as length`;
      expect(row, which).toEqual({ back: list, length: list.length });
    }
});

test('an integer that no number holds is refused in a list too', async () => {
  for (const [, sql] of connections)
    await expect(sql`select array[9007199254740993] as list`).rejects.toThrow(RangeError);
});

test('all lists in tables are of these types, but one that is read by functions only', async () => {
  const others = await database.sql<{ name: string }[]>`
    select c.relname || '.' || a.attname as name
    from pg_attribute a
    join pg_class c on c.oid = a.attrelid and c.relkind = 'r' and c.relnamespace = 'public'::regnamespace
    join pg_type t on t.oid = a.atttypid and t.typcategory = 'A'
    where a.attnum > 0 and t.typelem <> all (array['int2', 'int4', 'int8', 'text', 'varchar', 'uuid']::regtype[])`;
  expect([...others]).toEqual([{ name: 'auth_user.ended_sessions' }]);
});
