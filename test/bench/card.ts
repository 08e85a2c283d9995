import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { buildWeb, isWebStale } from '../../api/node/build.ts';
import { webBuild } from '../../api/node/folders.ts';
import { findBrowser } from '../support/browser-package.ts';
import { openBrowser, openPhone } from '../support/browser.ts';
import { signIn } from '../support/site.ts';
import { figure, median, print } from './figure.ts';
import type { Ground } from './ground.ts';

const times = 5;
const kilobyte = 1000;

/**
 * The card screen on a phone: the JavaScript it takes to show the code, and how long that takes, with the network and,
 * once the server is gone, without it.
 */
export async function card(ground: Ground): Promise<void> {
  if (findBrowser() === null) {
    print('The card bench needs Chromium: apt-get install chromium fonts-noto-cjk');
    return;
  }
  if (await isWebStale()) await buildWeb();
  const server = await ground.serve({ hasPages: true });
  const { origin } = server.config;
  const browser = await openBrowser();
  try {
    const phone = await openPhone(browser, origin);
    await signIn(phone, origin, 'member_jiuxianqiao');
    const enrolled = await phone.request.post('/api/me/card/enrolment', {
      data: { phoneLabel: 'Chromium' },
      headers: { Origin: origin },
    });
    if (!enrolled.ok()) throw new Error(`The card went on no phone: ${await enrolled.text()}`);
    const page = await phone.newPage();
    await timeToCode(page, () => page.goto('/'));
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => {}));
    const scripts = await scriptsOf(page);
    const sizes = await Promise.all(scripts.map(sizeOf));
    const total = sizes.reduce((sum, size) => sum + size, 0);
    figure('card-javascript', total / kilobyte, 'KB', { atMost: 60 });
    const online: number[] = [];
    for (let i = 0; i < times; i += 1) {
      online.push(await timeToCode(page, () => page.goto('/')));
    }
    figure('card-code-online', median(online), 'ms');
    await server.stop();
    const offline: number[] = [];
    for (let i = 0; i < times; i += 1) {
      offline.push(await timeToCode(page, () => page.reload()));
    }
    figure('card-code-offline', median(offline), 'ms');
  } finally {
    await browser.close();
    await server.stop();
  }
}

/** Milliseconds from the navigation's start until the QR stands on the screen. */
async function timeToCode(page: Page, open: () => Promise<unknown>): Promise<number> {
  await open();
  await page.locator('svg[data-version] path').first().waitFor({ state: 'visible' });
  return page.evaluate(() => performance.now());
}

/** The paths of all scripts that this page took before the code was there. */
async function scriptsOf(page: Page): Promise<string[]> {
  const urls = await page.evaluate(() => [
    ...performance.getEntriesByType('resource').map(({ name }) => name),
    ...Array.from(document.scripts, ({ src }) => src),
  ]);
  const paths = urls.filter(Boolean).map((url) => new URL(url).pathname);
  return [...new Set(paths)].filter((path) => path.endsWith('.js'));
}

async function sizeOf(path: string): Promise<number> {
  return gzipSync(await readFile(join(webBuild, path))).length;
}
