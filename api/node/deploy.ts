import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { StartError } from '../../db/start-error.ts';
import { environment } from '../config.ts';
import { buildWeb } from './build.ts';
import { root } from './folders.ts';
import { step } from './step.ts';
import { quiet, wrangler } from './wrangler.ts';

/** `npm run deploy`: builds the pages and hands everything to Cloudflare; `-- --dry-run` stops before that. */
export async function deploy(args: string[]): Promise<void> {
  await step('pages', () => buildWeb());
  const child = spawn(process.execPath, [wrangler, 'deploy', '--minify', ...args], {
    cwd: root,
    env: { ...(environment() as NodeJS.ProcessEnv), ...quiet },
    stdio: 'inherit',
  });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new StartError('Wrangler did not deploy; it says above why.');
}
