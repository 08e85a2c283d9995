// Every check of this code base, or with --fast those of the inner loop, as one list that ends in `N passed, N failed`.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ensureBrowser } from './support/browser-package.ts';
import { root } from './support/sources.ts';

type Result = { passed: number; failed: number; skipped: number };
type Check = { name: string; program: string; args?: string[]; folder?: string };

const bin = (path: string) => join(root, 'node_modules', path);
const isFast = process.argv.includes('--fast');
const coresUsed = 2;

const checks: Check[] = [
  { name: 'types', program: bin('typescript/bin/tsc'), args: ['-p', '.'] },
  { name: 'lint', program: bin('eslint/bin/eslint.js'), args: ['.'] },
  { name: 'format', program: bin('prettier/bin/prettier.cjs'), args: ['--check', '.'] },
  {
    name: 'types of the pages',
    program: bin('svelte-check/bin/svelte-check'),
    args: ['--tsconfig', 'tsconfig.json', '--output', 'human'],
    folder: 'web',
  },
];

const counts: Result = { passed: 0, failed: 0, skipped: 0 };

await inShell('kit sync', bin('@sveltejs/kit/svelte-kit.js'), ['sync'], 'web');
const waiting = [...checks];
await Promise.all(Array.from({ length: coresUsed }, work));
if (!isFast) {
  await inShell('pages', 'api/node.ts', ['build']);
  const complaint = ensureBrowser();
  if (complaint !== null) note(false, 'browser', complaint);
}
await vitest(isFast ? ['--project', 'tidy', '--project', 'db', '--project', 'web'] : []);

const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : '';
process.stdout.write(`\n${counts.passed} passed, ${counts.failed} failed${skipped}\n`);
process.exit(counts.failed > 0 ? 1 : 0);

async function work(): Promise<void> {
  for (let check = waiting.shift(); check; check = waiting.shift()) {
    await inShell(check.name, check.program, check.args ?? [], check.folder);
  }
}

async function inShell(name: string, program: string, args: string[], folder = '.'): Promise<void> {
  const start = performance.now();
  const { code, output } = await run([program, ...args], folder, false);
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  note(code === 0, `${name}  ${seconds} s`, code === 0 ? '' : output);
}

function note(isPassed: boolean, name: string, detail: string): void {
  counts[isPassed ? 'passed' : 'failed'] += 1;
  process.stdout.write(`${isPassed ? '✓' : '✗'} ${name}\n${detail}`);
}

async function vitest(args: string[]): Promise<void> {
  const { code, output } = await run([bin('vitest/vitest.mjs'), 'run', ...args], '.', true);
  const last = /^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?$/m.exec(output);
  const [, passed = '0', failed = '0', skipped = '0'] = last ?? [];
  counts.passed += Number(passed);
  // A run that broke off has no last line, or says zero and still ends badly.
  counts.failed += Math.max(Number(failed), code === 0 ? 0 : 1);
  counts.skipped += Number(skipped);
}

/** Runs a program of Node's; `isShown` passes its output on as it comes, but for the closing line, which is ours to say. */
function run(
  args: string[],
  folder: string,
  isShown: boolean,
): Promise<{ code: number | null; output: string }> {
  return new Promise((settle) => {
    const child = spawn(process.execPath, args, {
      cwd: join(root, folder),
      env: { ...process.env, WRANGLER_SEND_METRICS: 'false', NO_UPDATE_NOTIFIER: '1' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    const collect = (chunk: Buffer) => {
      const text = chunk.toString();
      output += text;
      if (isShown) process.stdout.write(text.replace(/^\d+ passed, \d+ failed.*$/gm, ''));
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.once('close', (code) => settle({ code, output }));
  });
}
