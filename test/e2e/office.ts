import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { openPhone } from '../support/browser.ts';
import { signIn } from '../support/site.ts';

/** An officer's desk, past the second factor. */
export class Office {
  readonly context: BrowserContext;
  readonly page: Page;

  private constructor(context: BrowserContext, page: Page) {
    this.context = context;
    this.page = page;
  }

  static async open(browser: Browser, origin: string, key: string): Promise<Office> {
    const context = await openPhone(browser, origin, { width: 1280, height: 800 });
    await signIn(context, origin, key);
    const post = async (path: string, data: object = {}): Promise<unknown> => {
      const answer = await context.request.post(path, { data, headers: { Origin: origin } });
      if (!answer.ok()) throw new Error(`${path}: ${answer.status()} ${await answer.text()}`);
      return answer.json();
    };
    await post('/api/auth/two-factor/enable').catch((error: Error) => {
      if (!error.message.includes('second_factor_exists')) throw error;
    });
    const { code } = (await post('/api/demo/second-factor')) as { code: string };
    await post('/api/auth/two-factor/verify-totp', { code });
    return new Office(context, await context.newPage());
  }

  /** The sheet that is open. */
  get sheet(): Locator {
    return this.page.locator('dialog[open]');
  }

  /** Says yes in the open sheet, for a reason. */
  async give(reason: string, confirm: string): Promise<void> {
    await this.sheet.getByLabel('原因').fill(reason);
    await this.sheet.getByRole('button', { name: confirm, exact: true }).click();
    await this.sheet.waitFor({ state: 'detached' });
  }

  /** How many units of a benefit members of a district have used, as the console's bar says it. */
  async usedIn(district: string, title: string): Promise<number> {
    await this.page.goto('/console/benefits');
    await this.page.getByRole('link', { name: title, exact: true }).click();
    await this.page.waitForURL(/\/console\/benefits\/\d+$/);
    const bar = this.page.getByRole('img', { name: new RegExp(`^${district}: 已用`) });
    const label = await bar.getAttribute('aria-label');
    const [, used] = /已用 ([\d,]+)/.exec(label ?? '') ?? [];
    if (used === undefined) throw new Error(`The console does not say what ${district} used.`);
    return Number(used.replaceAll(',', ''));
  }
}
