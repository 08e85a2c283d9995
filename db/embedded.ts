import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { availableParallelism, totalmem } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type PostgresVersion, reachableBinaries } from './binaries.ts';
import { preparePlace, type Runner } from './place.ts';
import { isAlive, isPostmasterOf, readPostmaster } from './postmaster.ts';
import { StartError } from './start-error.ts';

export type ClusterOptions = {
  /** Where data, password and port are kept; see place.ts for root's own rules. */
  folder: string;
  version?: PostgresVersion;
  settings?: Record<string, string>;
  say?: (line: string) => void;
};

export type Cluster = {
  port: number;
  folder: string;
  isNew: boolean;
  /** False beside another live process of ours that uses this PostgreSQL: then it is not ours to stop. */
  isOwner: boolean;
  url: (database: string) => string;
  isRunning: () => Promise<boolean>;
  /** Starts it again after it died, on the same port and data. */
  revive: () => Promise<void>;
  /** Stops PostgreSQL if it is ours to stop. */
  stop: () => Promise<void>;
};

const startSecondsMax = 60;

/**
 * Starts PostgreSQL on its own data folder, or joins the one that already runs there: beside a live owner (a command next
 * to a running server) without the right to stop it, after a killed owner with it. What a kill left behind is recovered.
 */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const { version = 18, say = () => {}, settings = {} } = options;
  const { folder, runner } = await preparePlace(options.folder);
  const binaries = await reachableBinaries(version, say);
  const data = join(folder, 'data');
  const found = await readFile(join(data, 'PG_VERSION'), 'utf8').catch(() => null);
  if (found !== null && Number(found) !== version) {
    throw new StartError(
      `The data in ${data} is of PostgreSQL ${found.trim()}, and this is ${version}: run "npm run db:reset" to start over.`,
    );
  }
  if (found === null) {
    say(`making a new PostgreSQL ${version} in ${folder}`);
    await initialise(folder, binaries, version, runner);
  }
  const password = (await readFile(join(folder, 'password'), 'utf8')).trim();
  const running = await joinRunning(data);
  const port = running?.port ?? (await choosePort(folder));
  const launching = { folder, data, binaries, runner, port, settings };
  let pid = running?.pid ?? (await launch(launching));
  const isOwner = await own(folder);
  return {
    port,
    folder,
    isNew: found === null,
    isOwner,
    url: (database) => `postgres://tongka:${password}@127.0.0.1:${port}/${database}`,
    isRunning: () => isPostmasterOf(pid, data),
    revive: async () => {
      // A command beside us may have been faster.
      const faster = await joinRunning(data);
      if (faster && faster.port !== port) {
        throw new StartError(`The PostgreSQL that runs on ${data} left port ${port}.`);
      }
      pid = faster?.pid ?? (await launch(launching));
    },
    stop: () => (isOwner ? halt(pid, data) : Promise.resolve()),
  };
}

async function initialise(
  folder: string,
  binaries: string,
  version: PostgresVersion,
  runner: Runner | null,
): Promise<void> {
  const password = join(folder, 'password');
  await writeFile(password, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600 });
  if (runner) await chown(password, runner.uid, runner.gid);
  // Made aside and renamed, so that a kill half-way leaves no folder that looks finished.
  const unfinished = join(folder, 'data.unfinished');
  await rm(unfinished, { recursive: true, force: true });
  const locale =
    version >= 17 ? ['--locale-provider=builtin', '--builtin-locale=C.UTF-8'] : ['--locale=C'];
  const args = ['--pgdata', unfinished, '--username=tongka', `--pwfile=${password}`];
  args.push('--auth=scram-sha-256', '--encoding=UTF8', '--locale=C', ...locale, '--data-checksums');
  const { code, output } = await run(join(binaries, 'bin', 'initdb'), args, folder, runner);
  if (code !== 0)
    throw new StartError(`PostgreSQL could not make its data folder: ${output.trim()}`);
  await rename(unfinished, join(folder, 'data'));
}

/** The PostgreSQL already serving this data, once it is ready; null when there is none, its stale lock file removed. */
async function joinRunning(data: string): Promise<{ pid: number; port: number } | null> {
  for (let waited = 0; waited < startSecondsMax * 20; waited += 1) {
    const found = await readPostmaster(data);
    if (!found) return null;
    if (!(await isPostmasterOf(found.pid, data))) {
      await rm(join(data, 'postmaster.pid'), { force: true });
      return null;
    }
    if (found.isReady) return found;
    await pause(50);
  }
  throw new StartError(`The PostgreSQL that runs on ${data} neither becomes ready nor stops.`);
}

type Launch = {
  folder: string;
  data: string;
  binaries: string;
  runner: Runner | null;
  port: number;
  settings: Record<string, string>;
};

async function launch({ folder, data, binaries, runner, port, settings }: Launch): Promise<number> {
  const values = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    max_connections: '100',
    shared_buffers: `${Math.round(Math.min(1024, Math.max(64, totalmem() / 2 ** 20 / 8)))}MB`,
    fsync: 'on',
    synchronous_commit: 'on',
    full_page_writes: 'on',
    timezone: 'UTC',
    log_timezone: 'UTC',
    jit: 'off',
    max_worker_processes: String(Math.max(4, availableParallelism())),
    ...settings,
  };
  const args = ['-D', data, ...Object.entries(values).flatMap(([k, v]) => ['-c', `${k}=${v}`])];
  const logPath = join(folder, 'log');
  const log = await open(logPath, 'w');
  // In a process group of its own: Ctrl-C must reach it through us, after the requests in flight.
  const child = spawn(join(binaries, 'bin', 'postgres'), args, {
    ...runner,
    cwd: folder,
    env: environment(),
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
  });
  const ended = new Promise<string>((settle) => {
    child.once('error', (error) => settle(error.message));
    child.once('exit', (code, signal) => settle(`exit ${code ?? signal}`));
  });
  child.unref();
  await log.close();
  for (let waited = 0; waited < startSecondsMax * 40; waited += 1) {
    const state = await Promise.race([ended, pause(25, null)]);
    if (state !== null) {
      const tail = (await readFile(logPath, 'utf8')).trim().split('\n').slice(-3).join(' · ');
      throw new StartError(`PostgreSQL did not start (${state}): ${tail || 'its log is empty'}`);
    }
    const found = await readPostmaster(data);
    if (found?.isReady && found.pid === child.pid) return found.pid;
  }
  throw new StartError(
    `PostgreSQL was not ready after ${startSecondsMax} seconds; see ${logPath}.`,
  );
}

/** The port of last time if it is free, else a free one, remembered: an address once told stays true. */
async function choosePort(folder: string): Promise<number> {
  const file = join(folder, 'port');
  const last = Number(await readFile(file, 'utf8').catch(() => '0'));
  const port = (await tryPort(last)) ?? (await tryPort(0));
  if (port === null) throw new StartError('There is no free port on 127.0.0.1.');
  await writeFile(file, `${port}\n`);
  return port;
}

function tryPort(port: number): Promise<number | null> {
  return new Promise((settle) => {
    const server = createServer();
    server.once('error', () => settle(null));
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => settle(typeof address === 'object' && address ? address.port : null));
    });
  });
}

/** Whether this process is now the one to stop PostgreSQL: nobody else alive claims it. */
async function own(folder: string): Promise<boolean> {
  const file = join(folder, 'owner');
  const owner = Number(await readFile(file, 'utf8').catch(() => '0'));
  if (owner > 0 && owner !== process.pid && isAlive(owner)) return false;
  await writeFile(file, `${process.pid}\n`);
  return true;
}

/** A fast shutdown: sessions are cut, what was committed is on disk. */
async function halt(pid: number, data: string): Promise<void> {
  if (!(await isPostmasterOf(pid, data))) return;
  process.kill(pid, 'SIGINT');
  for (let waited = 0; await isPostmasterOf(pid, data); waited += 1) {
    if (waited === 30 * 40) process.kill(pid, 'SIGQUIT');
    if (waited > 35 * 40) throw new StartError(`PostgreSQL (process ${pid}) does not stop.`);
    await pause(25);
  }
}

function run(
  program: string,
  args: string[],
  cwd: string,
  runner: Runner | null,
): Promise<{ code: number | null; output: string }> {
  return new Promise((settle) => {
    const child = spawn(program, args, { ...runner, cwd, env: environment() });
    let output = '';
    const collect = (chunk: Buffer) => (output += chunk.toString());
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.once('error', (error) => settle({ code: null, output: error.message }));
    child.once('close', (code) => settle({ code, output }));
  });
}

/** PostgreSQL inherits no settings of the person who starts it: a stray PGDATA or locale must not change a cluster. */
function environment(): NodeJS.ProcessEnv {
  return { LC_ALL: 'C', TZ: 'UTC' };
}
