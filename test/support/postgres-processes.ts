import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Cluster } from '../../db/embedded.ts';
import { isAlive, readPostmaster } from '../../db/postmaster.ts';

const secondsMax = 10;

/**
 * Gets ready to kill this PostgreSQL and all its processes, as a power cut would: nobody is left to tidy up or to finish.
 * The returned function does it at once, for looking round takes longer than many a statement.
 */
export async function aimAt(cluster: Cluster): Promise<() => Promise<void>> {
  const postmaster = await readPostmaster(join(cluster.folder, 'data'));
  if (!postmaster || !(await cluster.isRunning())) throw new Error('No PostgreSQL runs there.');
  const { pid } = postmaster;
  const known = await childrenOf(pid);
  return async () => {
    // Stopped, it neither notices nor begins anything.
    kill(pid, 'SIGSTOP');
    for (const child of known) kill(child, 'SIGKILL');
    const others = await childrenOf(pid);
    for (const one of [...others, pid]) kill(one, 'SIGKILL');
    await gone([...known, ...others, pid]);
  };
}

async function gone(pids: readonly number[]): Promise<void> {
  for (let waited = 0; pids.some(isAlive); waited += 1) {
    if (waited > secondsMax * 200) throw new Error('PostgreSQL does not die.');
    await pause(5);
  }
}

async function childrenOf(parent: number): Promise<number[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,ppid=']);
  const rows = stdout.split('\n').map((line) => line.trim().split(/\s+/).map(Number));
  return rows.flatMap(([pid, ppid]) => (pid !== undefined && ppid === parent ? [pid] : []));
}

function kill(pid: number, signal: 'SIGSTOP' | 'SIGKILL'): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}
