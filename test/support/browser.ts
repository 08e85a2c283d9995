import { type Browser, type BrowserContext, type Page, chromium } from 'playwright-core';
import { findBrowser } from './browser-package.ts';

/** A Chromium; with `camera`, what its camera sees is the film in that file, read afresh whenever the camera is opened. */
export async function openBrowser(camera?: string): Promise<Browser> {
  const executablePath = findBrowser();
  if (executablePath === null) throw new Error('There is no Chromium on this machine.');
  const fakeCamera = [
    '--use-fake-ui-for-media-stream',
    '--use-fake-device-for-media-stream',
    `--use-file-for-fake-video-capture=${camera}`,
  ];
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-background-networking',
      '--autoplay-policy=no-user-gesture-required',
      ...(camera === undefined ? [] : fakeCamera),
    ],
  });
}

export type Person = {
  locale?: 'zh-CN' | 'en';
  width?: number;
  height?: number;
  isDark?: boolean;
  hasCamera?: boolean;
};

/** A person's phone (or, from 1,024 px on, desk): a profile of its own in the browser. */
export async function openPhone(
  browser: Browser,
  origin: string,
  { locale = 'zh-CN', width = 360, height = 740, isDark = false, hasCamera = false }: Person = {},
): Promise<BrowserContext> {
  const isPhone = width < 1024;
  const context = await browser.newContext({
    baseURL: origin,
    locale,
    timezoneId: 'Asia/Shanghai',
    viewport: { width, height },
    deviceScaleFactor: isPhone ? 2 : 1,
    isMobile: isPhone,
    hasTouch: isPhone,
    colorScheme: isDark ? 'dark' : 'light',
  });
  if (hasCamera) await context.grantPermissions(['camera'], { origin });
  context.setDefaultTimeout(20_000);
  return context;
}

/** Collects what a page complains about: a test ends by finding this empty. */
export function complaints(page: Page): string[] {
  const heard: string[] = [];
  page.on('pageerror', (error) => heard.push(error.message));
  page.on('console', (message) => {
    if (/Content Security Policy|Refused to/.test(message.text())) heard.push(message.text());
  });
  return heard;
}
