import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { runCommand, type CommandOptions } from '../support/command.ts';
import { root } from '../support/sources.ts';

/** The last tag of this history, or null where there is none. */
export async function lastTag(): Promise<string | null> {
  const { stdout } = await git('describe', '--tags', '--abbrev=0').catch(() => ({ stdout: '' }));
  return stdout.trim() || null;
}

/** Another version's code, beside this one, with this one's packages. */
export class Version {
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  static async unpack(ref: string): Promise<Version> {
    const commit = `${ref}^{commit}`;
    const { stdout } = await git('rev-parse', '--verify', '--end-of-options', commit).catch(() => {
      throw new Error(`git knows no version ${ref}.`);
    });
    const folder = await mkdtemp(join(tmpdir(), 'tongka-version-'));
    const archive = spawn('git', ['archive', stdout.trim()], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const unpacking = spawn('tar', ['-x', '-C', folder], { stdio: ['pipe', 'ignore', 'inherit'] });
    archive.stdout.pipe(unpacking.stdin);
    const codes = await Promise.all([once(archive, 'close'), once(unpacking, 'close')]);
    if (codes.some(([code]) => code !== 0)) throw new Error(`${ref} could not be unpacked.`);
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
    return new Version(folder);
  }

  /** Runs one of its programs to its end. */
  async run(args: readonly string[], options: CommandOptions): Promise<void> {
    await runToEnd(this.folder, args, options);
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

export async function runToEnd(
  folder: string,
  args: readonly string[],
  options: CommandOptions,
): Promise<void> {
  const { ended, output } = runCommand(folder, args, options);
  if ((await ended) !== 0) throw new Error(`${args.join(' ')} failed:\n${output()}`);
}

function git(...args: string[]): Promise<{ stdout: string }> {
  return promisify(execFile)('git', args, { cwd: root });
}
