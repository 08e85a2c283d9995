import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, chown, mkdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { StartError } from './start-error.ts';

const run = promisify(execFile);

/** Where root keeps what PostgreSQL's own user must reach. */
export const sharedPlace = '/var/lib/tongka';

export type Runner = { uid: number; gid: number };
export type Place = { folder: string; runner: Runner | null };

/** Whether any user of this machine may read `path`; said of the path itself and of every folder above it. */
export async function isReachable(path: string): Promise<boolean> {
  if (process.getuid?.() !== 0) return true;
  for (let at = resolve(path); ; at = dirname(at)) {
    const mode = await stat(at).then(
      (found) => found.mode,
      () => 0o755,
    );
    if ((mode & 0o001) === 0) return false;
    if (at === dirname(at)) return true;
  }
}

/** The folder that PostgreSQL's data for `folder` lives in, without making it. */
export async function findPlace(folder: string): Promise<string> {
  const wanted = resolve(folder);
  if (await isReachable(dirname(wanted))) return wanted;
  const hash = createHash('sha256').update(wanted).digest('hex').slice(0, 12);
  return join(sharedPlace, hash);
}

/**
 * Makes the folder for PostgreSQL's data, and names the user it runs as: the one who started us, or for root another one,
 * because PostgreSQL refuses root. An unwritable folder is one clear sentence.
 */
export async function preparePlace(folder: string): Promise<Place> {
  const place = await findPlace(folder);
  const runner = process.getuid?.() === 0 ? await findRunner() : null;
  try {
    await mkdir(place, { recursive: true });
    await writeFile(join(place, 'for'), `${resolve(folder)}\n`);
    if (runner) {
      await chmod(dirname(place), 0o755);
      await chown(place, runner.uid, runner.gid);
    }
  } catch (error) {
    throw new StartError(
      `The data folder ${place} cannot be written (${code(error)}): make it writable for this user, or set DATABASE_URL to a server of your own.`,
      { cause: error },
    );
  }
  return { folder: place, runner };
}

async function findRunner(): Promise<Runner> {
  const existing = await lookUp('postgres');
  if (existing) return existing;
  await run('useradd', ['--system', '--user-group', '--no-create-home', 'postgres']).catch(
    () => {},
  );
  const runner = (await lookUp('postgres')) ?? (await lookUp('nobody'));
  if (!runner) {
    throw new StartError(
      'PostgreSQL may not run as root, and this machine has no user "postgres" and none could be made: start Tongka as an ordinary user.',
    );
  }
  return runner;
}

async function lookUp(user: string): Promise<Runner | null> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', user]), run('id', ['-g', user])]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return null;
  }
}

function code(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
}
