// Risk: a bundle that Cloudflare refuses, which shows on the day of the deployment; or one that grew unnoticed.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { quiet, wrangler } from '../../api/node/wrangler.ts';
import { root } from '../support/sources.ts';

const sizeGoal = 500;
const folder = mkdtempSync(join(tmpdir(), 'tongka-bundle-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('wrangler accepts the Worker, its bindings and its pages, and the bundle stays small', () => {
  const args = [wrangler, 'deploy', '--dry-run', '--minify', '--outdir', folder];
  const result = spawnSync(process.execPath, args, {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, ...quiet, WRANGLER_LOG_PATH: folder },
  });
  expect(result.status, result.stdout + result.stderr).toBe(0);
  expect(result.stdout).toContain('env.HYPERDRIVE');
  const bundle = readFileSync(join(folder, 'worker.js'));
  const size = gzipSync(bundle).length / 1024;
  console.log(`Worker bundle: ${size.toFixed(0)} KiB gzipped of ${sizeGoal}`);
  expect(size).toBeLessThanOrEqual(sizeGoal);
  expect(readdirSync(folder).filter((name) => name.endsWith('.wasm'))).toEqual([]);
});
