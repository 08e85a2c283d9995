import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StartError } from '../../db/start-error.ts';
import { dataFolder } from './folders.ts';

/** A text made once and kept in `.data`, readable only by its owner: the demo's secret, a certificate. */
export async function keep(name: string, make: () => Promise<string> | string): Promise<string> {
  const path = join(dataFolder, name);
  const known = await read(path);
  if (known !== null) return known;
  const made = await make();
  try {
    await mkdir(dataFolder, { recursive: true });
    await writeFile(path, `${made}\n`, { mode: 0o600, flag: 'wx' });
    await chmod(path, 0o600);
  } catch (error) {
    // Another process may have made it meanwhile.
    const theirs = await read(path);
    if (theirs !== null) return theirs;
    throw new StartError(
      `The data folder ${dataFolder} cannot be written: make it a folder that this user can read and write, or set DATABASE_URL and TONGKA_SECRET.`,
      { cause: error },
    );
  }
  return made.trim();
}

async function read(path: string): Promise<string | null> {
  const text = await readFile(path, 'utf8').catch(() => null);
  return text?.trim() ?? null;
}
