import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { openDatabase } from './database.ts';
import { root, webFolder } from './folders.ts';
import { reviveWhenDead } from './revive.ts';
import { settings } from './settings.ts';
import { Shutdown } from './shutdown.ts';
import { print, step } from './step.ts';

/**
 * `npm run dev`: the database stays up while the API restarts at each edit, and Vite serves the pages. The API runs in a
 * process of its own, which finds the database running and leaves it so.
 */
export async function dev(): Promise<void> {
  const shutdown = new Shutdown();
  const config = await settings();
  const opening = step('database', (say) => openDatabase(config, say));
  shutdown.add(() => opening.then((database) => database.stop()).catch(() => {}));
  const { cluster } = await opening;
  if (cluster?.isOwner) reviveWhenDead(cluster, shutdown);
  const api = ['--watch', join(root, 'api', 'node.ts'), 'start', '--no-pages'];
  const vite = [join(root, 'node_modules', 'vite', 'bin', 'vite.js'), 'dev', '--port', '5173'];
  const children = [spawnNode(api, root), spawnNode(vite, webFolder)];
  for (const child of children) {
    const ended = once(child, 'exit');
    shutdown.add(async () => {
      child.kill('SIGTERM');
      await ended;
    });
  }
  print('The pages, reloading what is edited:  http://localhost:5173');
}

function spawnNode(args: string[], cwd: string) {
  return spawn(process.execPath, args, { cwd, stdio: ['ignore', 'inherit', 'inherit'] });
}
