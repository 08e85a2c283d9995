import type { Browser, BrowserContext } from 'playwright-core';
import { openPhone } from '../support/browser.ts';
import { signIn } from '../support/site.ts';

type Listed = { titleZh: string; allocations: { nameZh: string | null; used: number }[] };

/** An officer's desk, past the second factor. */
export class Office {
  readonly context: BrowserContext;
  readonly #origin: string;

  private constructor(context: BrowserContext, origin: string) {
    this.context = context;
    this.#origin = origin;
  }

  static async open(browser: Browser, origin: string, key: string): Promise<Office> {
    const context = await openPhone(browser, origin, { width: 1280, height: 800 });
    await signIn(context, origin, key);
    const office = new Office(context, origin);
    await office.#post('/api/auth/two-factor/enable');
    const { code } = (await office.#post('/api/demo/second-factor')) as { code: string };
    await office.#post('/api/auth/two-factor/verify-totp', { code });
    return office;
  }

  /** How many units of a benefit, by its Chinese title, members of a district have used. */
  async usedIn(district: string, title: string): Promise<number> {
    const { offices } = await this.#get<{ offices: { union: { id: number } }[] }>('/api/session');
    const { benefits } = await this.#get<{ benefits: Listed[] }>(
      `/api/unions/${offices[0]?.union.id}/benefits`,
    );
    const benefit = benefits.find(({ titleZh }) => titleZh === title);
    const pool = benefit?.allocations.find(({ nameZh }) => nameZh?.startsWith(district));
    if (pool === undefined) throw new Error(`${title} has no allocation for ${district}.`);
    return pool.used;
  }

  async #get<Content>(path: string): Promise<Content> {
    const answer = await this.context.request.get(path);
    if (!answer.ok()) throw new Error(`${path}: ${answer.status()} ${await answer.text()}`);
    return (await answer.json()) as Content;
  }

  async #post(path: string, data: object = {}): Promise<unknown> {
    const answer = await this.context.request.post(path, {
      data,
      headers: { Origin: this.#origin },
    });
    if (!answer.ok()) throw new Error(`${path}: ${answer.status()} ${await answer.text()}`);
    return answer.json();
  }
}
