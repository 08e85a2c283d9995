// Risk: a connection that dies takes the process with it, or its pool for good (I22): the driver's own faults, put right
// by api/node/repair-driver.ts.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { createDatabase } from '../support/database.ts';
import { root } from '../support/sources.ts';

const database = await createDatabase();
const script = join(import.meta.dirname, 'dying-connection.ts');
const repair = ['--import', join(root, 'api', 'node', 'repair-driver.ts')];

async function die(way: string, args: string[]): Promise<string> {
  const run = promisify(execFile)(process.execPath, [...args, script, way, database.url]);
  return run.then(
    ({ stdout }) => stdout.trim(),
    () => 'the process died',
  );
}

test.concurrent.each([
  ['statement', 'database_unavailable, then served'],
  ['transaction', 'database_unavailable, then served'],
  ['unwritten', 'database_unavailable, then served'],
  ['introduction', 'database_unavailable'],
  ['greeting', 'database_unavailable'],
])('a connection that dies (%s) fails what it was asked, and nothing else', async (way, wanted) => {
  const [repaired, unrepaired] = await Promise.all([die(way, repair), die(way, [])]);
  expect(repaired).toBe(wanted);
  // The negative control; once it fails, the driver has been put right elsewhere, and ours can go.
  expect(unrepaired).not.toBe(wanted);
});

test('who loads the repairs twice, as a test runner does, has them once', async () => {
  const again = pathToFileURL(repair[1] ?? '');
  again.search = '?again';
  expect(await die('statement', [...repair, '--import', again.href])).toBe(
    'database_unavailable, then served',
  );
});
