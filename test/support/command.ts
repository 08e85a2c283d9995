import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, relative } from 'node:path';
import { root } from './sources.ts';

export type Started = {
  process: ChildProcess;
  /** What it printed so far. */
  output: () => string;
  /** Waits until it prints this; throws with the output when it ends before. */
  says: (text: string) => Promise<void>;
  /** Waits for its end: the exit code, or the signal it died of. */
  ended: Promise<number | string>;
};

export type CommandOptions = {
  /** Another program of the clone than its commands. */
  script?: string;
  env?: Record<string, string>;
  user?: { uid: number; gid: number } | null;
};

/** Runs one of the product's commands from a clone of it, with nothing of this process's own settings. */
export function runCommand(
  folder: string,
  args: readonly string[],
  { script = 'api/node.ts', env = {}, user = null }: CommandOptions = {},
): Started {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(nodeOf(folder), [script, ...args], {
    cwd: folder,
    env: { PATH, HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...user,
  });
  let output = '';
  const watchers = new Set<() => void>();
  const collect = (chunk: Buffer) => {
    output += chunk.toString();
    for (const watch of watchers) watch();
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const ended = once(child, 'close').then(([code, signal]) => (code ?? signal) as number | string);
  const says = (text: string) =>
    new Promise<void>((settle, fail) => {
      const watch = () => void (output.includes(text) && settle());
      watchers.add(watch);
      watch();
      void ended.then((how) => fail(new Error(`It ended (${how}) without "${text}":\n${output}`)));
    });
  return { process: child, output: () => output, says, ended };
}

/** The Node that runs this, by the clone's own path to it: its user may not reach ours. */
function nodeOf(folder: string): string {
  const path = relative(root, process.execPath);
  return path.startsWith('..') ? process.execPath : join(folder, path);
}
