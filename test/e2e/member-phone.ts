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
    return passNow((await answer.json()) as Booklet).url;
  }

  /** Opens the card again after the city's clock was moved, and waits for the pass of that time. */
  async renew(): Promise<void> {
    const answer = this.page.waitForResponse('**/api/me/passes');
    await this.page.reload();
    const { code } = passNow((await (await answer).json()) as Booklet);
    const shown = code.replace(/[^0-9A-Z]/g, '').match(/.{4}/g) ?? [];
    await this.page.getByText(shown.join(' ')).waitFor();
  }
}

type Pass = { from: string; expiresAt: string; url: string; code: string };
type Booklet = { serverTime: string; passes: Pass[] };

function passNow({ serverTime, passes }: Booklet): Pass {
  const now = passes.find(({ from, expiresAt }) => from <= serverTime && serverTime < expiresAt);
  if (now === undefined) throw new Error('The booklet has no pass for its own time.');
  return now;
}
