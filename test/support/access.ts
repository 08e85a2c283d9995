import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

type Violation = { id: string; nodes: { target: string[]; failureSummary: string }[] };
declare const axe: { run: (where: Document) => Promise<{ violations: Violation[] }> };

/** What axe finds on the page as it stands, a line each. */
export async function violations(page: Page): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in globalThis))) {
    await page.evaluate(await readFile(axePath, 'utf8'));
  }
  const found = await page.evaluate(async () => (await axe.run(document)).violations);
  return found.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary}`),
  );
}

/** Every look a screen can have. */
export const looks = [
  { theme: 'light', isElderly: false },
  { theme: 'light', isElderly: true },
  { theme: 'dark', isElderly: false },
  { theme: 'dark', isElderly: true },
] as const;

export type Look = (typeof looks)[number];

/** Gives the page that look at once, the way boot.js does before the first paint. */
export async function wear(page: Page, { theme, isElderly }: Look): Promise<void> {
  await page.evaluate(
    ([wanted, elderly]) => {
      document.documentElement.dataset['theme'] = wanted;
      document.documentElement.classList.toggle('elderly', elderly);
      // Colours on their way from one theme to the other belong to neither.
      for (const one of document.getAnimations()) {
        if (one.effect?.getComputedTiming().endTime !== Infinity) one.finish();
      }
    },
    [theme, isElderly] as const,
  );
}

/** By how many pixels the page is wider than the screen: people should never scroll sideways. */
export function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
}
