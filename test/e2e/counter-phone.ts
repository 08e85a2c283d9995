import { writeFile } from 'node:fs/promises';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { complaints, openPhone, type Person } from '../support/browser.ts';
import { filmOf, type Look } from '../support/camera.ts';
import { signIn } from '../support/site.ts';

/** An operator's phone at the counter. */
export class CounterPhone {
  readonly context: BrowserContext;
  readonly page: Page;
  /** Script errors and refusals of the content security policy. */
  readonly complaints: string[];

  protected constructor(context: BrowserContext, page: Page) {
    this.context = context;
    this.page = page;
    this.complaints = complaints(page);
  }

  static async open(browser: Browser, origin: string, key: string, person: Person = {}) {
    const context = await openPhone(browser, origin, person);
    await signIn(context, origin, key);
    return new CounterPhone(context, await context.newPage());
  }

  async start(): Promise<void> {
    await this.page.goto('/counter');
    await this.page.getByRole('region', { name: '摄像头' }).waitFor();
    // At the moment when its worker takes the page over, a request may pass by who watches them.
    await this.page.waitForFunction(() => navigator.serviceWorker.controller !== null);
  }

  /** What a USB scanner types: all at once, however slow the way to the browser is, and Enter at the end. */
  async wedge(text: string): Promise<void> {
    await this.page.evaluate(
      (keys) => {
        for (const key of keys) {
          const options = { key, bubbles: true, cancelable: true };
          document.body.dispatchEvent(new KeyboardEvent('keydown', options));
        }
      },
      [...text, 'Enter'],
    );
  }

  /** The same by the keys themselves, which also press whatever has the focus. */
  async type(text: string): Promise<void> {
    await this.page.keyboard.type(text);
    await this.page.keyboard.press('Enter');
  }

  /** Whatever covers the screen: the check, the question, the result. */
  get cover(): Locator {
    return this.page.locator('dialog[open]').first();
  }

  /** The big word of a result, or the masked name of the question. */
  title(name: string | RegExp): Locator {
    return this.cover.getByRole('heading', { level: 1, name });
  }

  get confirmButton(): Locator {
    return this.cover.getByRole('button', { name: /^确认核销：/ });
  }

  async confirm(): Promise<void> {
    await this.confirmButton.click();
  }

  async next(): Promise<void> {
    await this.cover.getByRole('button', { name: '继续扫码' }).click();
  }
}

/** Holds a phone's picture before the camera that this film stands for; seen from the next opening of the camera on. */
export async function holdUp(browser: Browser, film: string, picture: Buffer, look?: Look) {
  await writeFile(film, await filmOf(browser, picture, look));
}
