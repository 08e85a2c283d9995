import type { Browser, BrowserContext, Page } from 'playwright-core';
import { openPhone, type Person } from '../support/browser.ts';
import { signIn } from '../support/site.ts';

/** A member's phone with the card open on it. */
export class MemberPhone {
  readonly context: BrowserContext;
  readonly page: Page;

  private constructor(context: BrowserContext, page: Page) {
    this.context = context;
    this.page = page;
  }

  static async open(browser: Browser, origin: string, key: string, person: Person = {}) {
    const context = await openPhone(browser, origin, person);
    await signIn(context, origin, key);
    const page = await context.newPage();
    await page.goto('/');
    return new MemberPhone(context, page);
  }

  /** Puts the card here, when it is on no phone yet. */
  async enrol(): Promise<void> {
    await this.page.getByRole('button', { name: '放到这部手机' }).click();
    await this.code().waitFor();
  }

  code() {
    return this.page.getByRole('img', { name: '出示给店员扫的二维码' });
  }

  /** A picture of the screen, as a camera would see it. */
  async picture(): Promise<Buffer> {
    await this.code().waitFor();
    return this.page.screenshot();
  }

  /** The sixteen characters under the code, as they stand there. */
  async shortCode(): Promise<string> {
    await this.code().waitFor();
    const text = await this.page.getByText(/^[0-9A-Z]{4}( [0-9A-Z]{4}){3}$/).textContent();
    return text?.trim() ?? '';
  }

  /** What a USB scanner would type for the shown code. */
  async codeText(): Promise<string> {
    const answer = await this.context.request.get('/api/me/passes');
    const { serverTime, passes } = (await answer.json()) as {
      serverTime: string;
      passes: { from: string; expiresAt: string; url: string }[];
    };
    const now = passes.find(({ from, expiresAt }) => from <= serverTime && serverTime < expiresAt);
    return now?.url ?? '';
  }
}
