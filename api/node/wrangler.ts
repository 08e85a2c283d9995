import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StartError } from '../../db/start-error.ts';
import { environment } from '../config.ts';
import { root } from './folders.ts';

export const wrangler = join(root, 'node_modules', 'wrangler', 'bin', 'wrangler.js');

export type WorkerOptions = {
  port: number;
  databaseUrl: string;
  /** The Worker's variables and secrets; they never stand on a command line. */
  variables: Record<string, string>;
  say?: (line: string) => void;
};

export type RunningWorker = { url: string; stop: () => Promise<void> };

/** Wrangler's own variables: nothing is sent anywhere, nothing asked of the network. */
export const quiet = {
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_SEND_ERROR_REPORTS: 'false',
  CLOUDFLARE_CF_FETCH_ENABLED: 'false',
  NO_UPDATE_NOTIFIER: '1',
  CI: '1',
};

/** The product in workerd, on this machine and without a network, with a database in Hyperdrive's place. */
export async function startWorker(options: WorkerOptions): Promise<RunningWorker> {
  const { port, databaseUrl, variables, say = () => {} } = options;
  const folder = await mkdtemp(join(tmpdir(), 'tongka-worker-'));
  const file = join(folder, 'variables');
  const lines = Object.entries(variables).map(
    ([name, value]) => `${name}=${JSON.stringify(value)}`,
  );
  await writeFile(file, `${lines.join('\n')}\n`, { mode: 0o600 });
  const args = ['dev', '--ip', '127.0.0.1', '--port', String(port)];
  args.push('--inspector-port', String(await freePort()), '--env-file', file);
  args.push('--show-interactive-dev-session=false', '--persist-to', join(folder, 'state'));
  const child = spawn(process.execPath, [wrangler, ...args], {
    cwd: root,
    env: {
      ...(environment() as NodeJS.ProcessEnv),
      ...quiet,
      WRANGLER_LOG_PATH: join(folder, 'log'),
      CLOUDFLARE_HYPERDRIVE_LOCAL_CONNECTION_STRING_HYPERDRIVE: databaseUrl,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    // A group of its own, so that its workerd ends with it.
    detached: true,
  });
  const ended = once(child, 'exit');
  let output = '';
  const ready = new Promise<void>((settle) => {
    const watch = (chunk: Buffer) => {
      const text = chunk.toString();
      output += text;
      for (const line of text.split('\n')) if (line.trim() !== '') say(line);
      if (output.includes('Ready on')) settle();
    };
    child.stdout.on('data', watch);
    child.stderr.on('data', watch);
  });
  const stop = async () => {
    if (child.exitCode === null && child.pid !== undefined) process.kill(-child.pid, 'SIGTERM');
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  const first = await Promise.race([ready.then(() => 'ready'), ended.then(() => 'ended')]);
  if (first === 'ended') {
    await stop();
    throw new StartError(`workerd did not start:\n${output}`);
  }
  return { url: `http://127.0.0.1:${port}`, stop };
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' && address ? address.port : 0;
}
