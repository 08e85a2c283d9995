import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const axePath = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

type Violation = { id: string; nodes: { target: string[]; failureSummary: string }[] };
type Options = { runOnly?: string[] };
declare const axe: {
  run: (where: Document, options: Options) => Promise<{ violations: Violation[] }>;
};

// What a theme or larger letters can change; roles, names and order are the same in every look.
const lookRules = ['color-contrast', 'target-size', 'scrollable-region-focusable'];

/** What axe finds on the page as it stands, a line each: everything, or only what depends on the look. */
export async function violations(page: Page, what: 'all' | 'look' = 'all'): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in globalThis))) {
    await page.evaluate(await readFile(axePath, 'utf8'));
  }
  const options: Options = what === 'all' ? {} : { runOnly: lookRules };
  const found = await page.evaluate(
    async (chosen) => (await axe.run(document, chosen)).violations,
    options,
  );
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

/** The smallest phone, at 1.5 times the size. */
export const narrow = { width: 320, height: 640 };

/** Whatever keeps somebody from reading, reaching or using the page as it stands, in any of its looks. */
export async function faultsOf(page: Page): Promise<string[]> {
  const faults: string[] = [];
  for (const look of looks) {
    await wear(page, look);
    const name = `${look.theme}${look.isElderly ? ', elderly' : ''}`;
    const found = await violations(page, look === looks[0] ? 'all' : 'look');
    faults.push(...found.map((fault) => `${name}: ${fault}`));
  }
  const size = page.viewportSize();
  await page.setViewportSize(narrow);
  const wider = await overflow(page);
  if (wider > 0) faults.push(`${wider} px too wide for a phone of 320 px at 1.5 times the size`);
  if (size !== null) await page.setViewportSize(size);
  await wear(page, looks[0]);
  return faults;
}
