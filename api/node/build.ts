import { spawn } from 'node:child_process';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StartError } from '../../db/start-error.ts';
import { root, webBuild, webFolder } from './folders.ts';
import { headersFile } from './page-headers.ts';

const sources = ['src', 'static', 'messages', 'project.inlang/settings.json', 'vite.config.ts'];
const generated = new Set(['paraglide', '.svelte-kit', 'cache']);

/** Builds the pages into `web/build`, with the headers file that Workers serve them with. */
export async function buildWeb(): Promise<void> {
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  const { code, output } = await run([vite, 'build'], webFolder);
  if (code !== 0) throw new StartError(`The pages could not be built:\n${output}`);
  const page = await readFile(join(webBuild, 'index.html'), 'utf8');
  await writeFile(join(webBuild, '_headers'), headersFile(page));
}

/** Whether the pages were never built, or from older sources. */
export async function isWebStale(): Promise<boolean> {
  const built = await changedAt(join(webBuild, '_headers'));
  const places = [...sources.map((name) => join(webFolder, name)), join(root, 'package-lock.json')];
  const times = await Promise.all(places.map(newest));
  return built < Math.max(...times);
}

async function newest(path: string): Promise<number> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => null);
  if (entries === null) return changedAt(path);
  const inside = entries.filter(({ name }) => !generated.has(name));
  const times = await Promise.all(inside.map(({ name }) => newest(join(path, name))));
  return Math.max(0, ...times);
}

function changedAt(path: string): Promise<number> {
  return stat(path).then(
    (found) => found.mtimeMs,
    () => 0,
  );
}

function run(args: string[], cwd: string): Promise<{ code: number | null; output: string }> {
  return new Promise((settle) => {
    const child = spawn(process.execPath, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const collect = (chunk: Buffer) => (output += chunk.toString());
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.once('close', (code) => settle({ code, output }));
  });
}
