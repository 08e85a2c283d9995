import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  chown,
  copyFile,
  cp,
  link,
  mkdir,
  mkdtemp,
  readdir,
  readlink,
  rm,
  symlink,
  utimes,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findPlace, isReachable } from '../../db/place.ts';
import { runCommand, type Started } from './command.ts';
import { root } from './sources.ts';

/**
 * A copy of the clone with a data folder of its own, to start the real command in. Another user may own and run it, so
 * that root's tests see what an ordinary user sees.
 */
export class Clone {
  readonly folder: string;
  readonly #user: { uid: number; gid: number } | null;
  readonly #started: ChildProcess[] = [];

  private constructor(folder: string, user: { uid: number; gid: number } | null) {
    this.folder = folder;
    this.#user = user;
  }

  static async make(user: { uid: number; gid: number } | null = null): Promise<Clone> {
    const folder = await mkdtemp(join(tmpdir(), 'tongka-clone-'));
    for (const name of ['api', 'db', 'package.json', 'package-lock.json', 'wrangler.toml']) {
      await cp(join(root, name), join(folder, name), { recursive: true, preserveTimestamps: true });
    }
    await cp(join(root, 'web'), join(folder, 'web'), {
      recursive: true,
      preserveTimestamps: true,
      filter: (path) => !/node_modules|\.svelte-kit/.test(path.slice(root.length)),
    });
    // Fresh, whatever is being edited in the meantime: building the pages is not what is tried here.
    await utimes(join(folder, 'web', 'build', '_headers'), new Date(), new Date());
    if (user) await giveTo(folder, user);
    const packages = join(root, 'node_modules');
    const own = join(folder, 'node_modules');
    // A clone in root's home is closed to the other user.
    if (user === null || (await isReachable(packages))) await symlink(packages, own);
    else await linkTree(packages, own);
    return new Clone(folder, user);
  }

  run(args: string[], env: Record<string, string> = {}): Started {
    const started = runCommand(this.folder, args, { env, user: this.#user });
    this.#started.push(started.process);
    return started;
  }

  /** Ends what still runs and removes everything. */
  async remove(): Promise<void> {
    for (const child of this.#started) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    await rm(await this.place(), { recursive: true, force: true });
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Where its PostgreSQL lives: below it, or where root's PostgreSQL can reach. */
  place(): Promise<string> {
    const database = join(this.folder, '.data', 'postgres');
    return this.#user ? Promise.resolve(database) : findPlace(database);
  }

  async makeUnwritable(): Promise<void> {
    await mkdir(join(this.folder, '.data'), { mode: 0o555 });
    if (this.#user) await chown(join(this.folder, '.data'), this.#user.uid, this.#user.gid);
  }
}

async function giveTo(folder: string, user: { uid: number; gid: number }): Promise<void> {
  await chown(folder, user.uid, user.gid);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await giveTo(path, user);
    else if (!entry.isSymbolicLink()) await chown(path, user.uid, user.gid);
  }
}

/** The same files under another name: 1.4 GB need not be copied. On another disk it must be. */
async function linkTree(from: string, to: string): Promise<void> {
  await mkdir(to);
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) await linkTree(source, target);
    else if (entry.isSymbolicLink()) await symlink(await readlink(source), target);
    else await link(source, target).catch(() => copyFile(source, target));
  }
}
