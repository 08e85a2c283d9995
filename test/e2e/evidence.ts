import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterEach } from 'vitest';

/** After a failed test, leaves a picture of every open screen in the temporary folder, and says where. */
export function keepEvidence(browsers: () => (Browser | undefined)[]): void {
  afterEach(async ({ task }) => {
    if (task.result?.state !== 'fail') return;
    const folder = join(tmpdir(), 'tongka-e2e-failures');
    await mkdir(folder, { recursive: true });
    const pages = browsers().flatMap((browser) =>
      (browser?.contexts() ?? []).flatMap((context) => context.pages()),
    );
    const name = task.name.replace(/[^\p{L}\d]+/gu, '-');
    for (const [index, page] of pages.entries()) {
      const path = join(folder, `${name}-${index}.png`);
      await page.screenshot({ path }).then(
        () => console.log(`${page.url()} looked like ${path}`),
        () => undefined,
      );
    }
  });
}
