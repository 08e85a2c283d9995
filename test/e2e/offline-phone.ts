import type { Browser, Route } from 'playwright-core';
import { makeBooklet } from '../../api/passes/booklet.ts';
import type { Sql } from '../../db/client.ts';
import type { Person } from '../support/browser.ts';
import { createApp } from '../support/app.ts';
import { CounterPhone } from './counter-phone.ts';

/** What the phone's own store holds. */
export type Stored = {
  items: { seq: number; hash: string; prev: string; body: string; refused: string | null }[];
  log: { seq: number; quantity: number; verdict: string | null; isUploaded: boolean }[];
  leases: { id: number; benefit: number; units: number; used: number }[];
  head: { seq: number; hash: string } | undefined;
};

/** An operator's phone that is taken where there is no network. */
export class OfflinePhone extends CounterPhone {
  static override async open(browser: Browser, origin: string, key: string, person: Person = {}) {
    const { context, page } = await CounterPhone.open(browser, origin, key, person);
    return new OfflinePhone(context, page);
  }

  /** Scans the invitation that the manager shows, and waits until everything is there that it needs. */
  async pair(invitation: string): Promise<void> {
    await this.start();
    await this.wedge(invitation);
    await this.acceptPairing();
  }

  async acceptPairing(): Promise<void> {
    await this.page.getByRole('button', { name: '配对', exact: true }).click();
    await this.page.getByText('已配对').waitFor();
    await this.page
      .getByText(/离线名额还剩 \d+/)
      .first()
      .waitFor();
  }

  async cut(): Promise<void> {
    // An answer on its way would say, after the cut, that somebody is there; the next request knows better.
    await this.page.waitForLoadState('networkidle');
    await this.context.setOffline(true);
    await this.page.getByText(/离线核销中/).waitFor();
  }

  async reconnect(): Promise<void> {
    await this.context.setOffline(false);
    await this.page.getByText(/离线核销中/).waitFor({ state: 'detached' });
  }

  /** Scans and confirms, up to the word that the whole screen says. */
  async use(pass: string): Promise<void> {
    await this.wedge(pass);
    await this.title('码有效').waitFor();
    await this.confirm();
  }

  /** A use that was stored, and back to scanning. */
  async give(pass: string): Promise<void> {
    await this.use(pass);
    await this.title('已离线记录').waitFor();
    await this.next();
  }

  /** Opens the list of its records, which looks at the network, and waits until none waits. */
  async upload(): Promise<void> {
    await this.page.goto('/counter/offline');
    await this.page
      .getByText(/^第 \d+ 笔/)
      .first()
      .waitFor();
    await this.page.getByText('待上传').first().waitFor({ state: 'detached' });
  }

  /** The record on top of its list, when it says this. */
  async newest(word: string): Promise<void> {
    await this.page.getByRole('main').getByRole('listitem').first().getByText(word).waitFor();
  }

  /** Has everything fetched anew. */
  async refresh(): Promise<void> {
    await this.page.goto('/counter/outlet');
    const button = this.page.getByRole('button', { name: '现在刷新' });
    await this.page.locator('button[aria-busy="false"]', { hasText: '现在刷新' }).waitFor();
    const listed = this.page.waitForResponse('**/api/card-status');
    await button.click();
    await listed;
    await this.page.locator('button[aria-busy="false"]', { hasText: '现在刷新' }).waitFor();
  }

  /** The same phone with a new tab. */
  async reopen(): Promise<OfflinePhone> {
    const phone = new OfflinePhone(this.context, await this.context.newPage());
    await phone.start();
    return phone;
  }

  /** Puts into a stored scan what the server cannot take. */
  spoil(seq: number): Promise<void> {
    return this.page.evaluate(
      (at) =>
        new Promise<void>((resolve) => {
          indexedDB.open('tongka-counter').onsuccess = ({ target }) => {
            const db = (target as IDBOpenDBRequest).result;
            const tx = db.transaction('items', 'readwrite');
            const items = tx.objectStore('items');
            items.get(at).onsuccess = ({ target: asked }) => {
              const item = (asked as IDBRequest<Stored['items'][number]>).result;
              items.put({ ...item, body: `${item.body}\0` });
            };
            tx.oncomplete = () => {
              db.close();
              resolve();
            };
          };
        }),
      seq,
    );
  }

  /** Leaves the phone this little space; must come before it stores anything. Returns how to have it all again. */
  async limitStorage(origin: string, quotaSize: number): Promise<() => Promise<void>> {
    const holder = await this.context.newPage();
    const cdp = await this.context.newCDPSession(holder);
    await cdp.send('Storage.overrideQuotaForOrigin', { origin, quotaSize });
    return () => holder.close();
  }

  /** Fills the space that is left, down to the last hundred bytes. */
  fillStorage(): Promise<void> {
    return this.page.evaluate(
      () =>
        new Promise<void>((resolve) => {
          // Like photos, it does not get smaller when it is compressed.
          const noise = new Uint8Array(4_000_000).map(() => Math.random() * 256);
          const opening = indexedDB.open('photos', 1);
          opening.onupgradeneeded = () =>
            opening.result.createObjectStore('photos', { autoIncrement: true });
          opening.onsuccess = () => {
            const db = opening.result;
            const add = (size: number): void => {
              if (size < 100) {
                db.close();
                return resolve();
              }
              const tx = db.transaction('photos', 'readwrite');
              tx.objectStore('photos').add(noise.slice(0, size));
              tx.oncomplete = () => add(size);
              tx.onabort = () => add(size / 4);
            };
            add(noise.length);
          };
        }),
    );
  }

  stored(): Promise<Stored> {
    return this.page.evaluate(
      () =>
        new Promise<Stored>((resolve, reject) => {
          const opening = indexedDB.open('tongka-counter');
          opening.onerror = () => reject(new Error('The store does not open.'));
          opening.onsuccess = () => {
            const db = opening.result;
            const tx = db.transaction(['items', 'log', 'leases', 'head']);
            const [items, log, leases] = ['items', 'log', 'leases'].map((name) =>
              tx.objectStore(name).getAll(),
            );
            const head = tx.objectStore('head').get('this');
            tx.oncomplete = () => {
              db.close();
              const found = { items: items?.result, log: log?.result, leases: leases?.result };
              resolve({ ...found, head: head.result } as Stored);
            };
          };
        }),
    );
  }

  /** The answer to the next upload never arrives, though the server has it. */
  async loseNextAnswer(): Promise<{ lost: Promise<void> }> {
    const lost = Promise.withResolvers<void>();
    await this.page.route(
      '**/uploads',
      async (route: Route) => {
        await route.fetch();
        await route.abort();
        lost.resolve();
      },
      { times: 1 },
    );
    return { lost: lost.promise };
  }
}

/** Members who come to the counter one after the other, each with a pass of this minute. */
export class Queue {
  readonly #cards: number[];
  readonly #services;

  private constructor(cards: number[], services: ReturnType<typeof createApp>['services']) {
    this.#cards = cards;
    this.#services = services;
  }

  /** Members who may have the film, and have not had it this month. */
  static async stand(sql: Sql, origin: string): Promise<Queue> {
    const rows = await sql<{ number: number }[]>`
      select c.number from card c
        join affiliation a on a.cell = c.cell and a.member_id = c.member_id and a.ended_at is null
      where c.status = 'live' and not exists (
        select from redemption r where r.cell = c.cell and r.member_id = c.member_id
          and r.at > clock() - interval '40 days')
      order by c.number limit 60`;
    const { services } = createApp(sql, { config: { origin } });
    return new Queue(
      rows.map(({ number }) => number),
      services,
    );
  }

  /** The next member's card, and what its phone shows. */
  async next(): Promise<{ card: number; pass: string }> {
    const card = this.#cards.shift();
    if (card === undefined) throw new Error('Nobody is left in the queue.');
    return { card, pass: await this.passOf(card) };
  }

  /** At the end of a minute already the next one, as the screen does. */
  async passOf(card: number): Promise<string> {
    const soon = new Date(Date.now() + 8_000);
    const [pass] = await makeBooklet(this.#services, card, soon);
    return pass?.url ?? '';
  }
}
