import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Cluster } from '../../db/embedded.ts';
import { isAlive, readPostmaster } from '../../db/postmaster.ts';

const secondsMax = 10;

/** Kills this PostgreSQL and all its processes as a power cut would: nobody is left to tidy up or to finish. */
export async function killPostgres(cluster: Cluster): Promise<number> {
  const postmaster = await readPostmaster(join(cluster.folder, 'data'));
  if (!postmaster || !(await cluster.isRunning())) throw new Error('No PostgreSQL runs there.');
  // Stopped, it has no more children than are seen now.
  kill(postmaster.pid, 'SIGSTOP');
  const all = [postmaster.pid, ...(await childrenOf(postmaster.pid))];
  for (const pid of all) kill(pid, 'SIGKILL');
  for (let waited = 0; all.some(isAlive); waited += 1) {
    if (waited > secondsMax * 200) throw new Error('PostgreSQL does not die.');
    await pause(5);
  }
  return all.length;
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
