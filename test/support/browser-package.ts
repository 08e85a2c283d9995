import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const usual = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

/** The browser that tests drive: `CHROMIUM`, or one at a usual place. */
export function findBrowser(): string | null {
  return [process.env['CHROMIUM'] ?? '', ...usual].find((path) => existsSync(path)) ?? null;
}

/** Sees to it that there is a Chromium that can write Chinese; says what to do where it may not install one itself. */
export function ensureBrowser(): string | null {
  if (findBrowser() !== null) return null;
  const advice =
    'The browser tests need Chromium and a Chinese font: on Debian "apt-get install chromium fonts-noto-cjk" as root, elsewhere set CHROMIUM to its path.\n';
  const isDebianRoot = process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');
  if (!isDebianRoot) return advice;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const packages = ['chromium', 'fonts-noto-cjk'];
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', ...packages]]) {
    const { status, stderr } = spawnSync('apt-get', ['-q', ...args], { env, encoding: 'utf8' });
    if (status !== 0) return `${stderr}\n${advice}`;
  }
  return findBrowser() === null ? advice : null;
}
