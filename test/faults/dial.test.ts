// Risk: the database's machine loses its power, which closes nothing, and every statement waits for it (I22).
import { afterAll, expect, test } from 'vitest';
import { asProblem } from '../../api/database-errors.ts';
import { dial } from '../../api/node/dial.ts';
import { retried } from '../../api/batches/retried.ts';
import { connect } from '../../db/client.ts';
import { createDatabase } from '../support/database.ts';
import { openFaultProxy } from '../support/fault-proxy.ts';

const database = await createDatabase();
let isSilent = false;
const proxy = await openFaultProxy(database.url, () => ({ kind: isSilent ? 'silence' : 'pass' }));
const watched = connect(proxy.url, { max: 1, dial: (address) => dial(address, 0.3) });
const unwatched = connect(proxy.url, { max: 1 });

afterAll(async () => {
  await proxy.close();
  await Promise.all([watched, unwatched].map((sql) => sql.end({ timeout: 1 })));
});

test('a connection that falls silent is given up, and the next statement goes by another one', async () => {
  await Promise.all([watched`select 1`, unwatched`select 1`]);
  isSilent = true;
  let isUnwatchedOpen = true;
  unwatched`select 1`.catch(() => {}).finally(() => (isUnwatchedOpen = false));
  const error: unknown = await watched`select 1`.catch((thrown: unknown) => thrown);
  expect(asProblem(error).code).toBe('database_unavailable');
  // The negative control: the driver's own line still waits.
  expect(isUnwatchedOpen).toBe(true);
  isSilent = false;
  expect(await retried(() => watched`select 2 as two`)).toEqual([{ two: 2 }]);
});
