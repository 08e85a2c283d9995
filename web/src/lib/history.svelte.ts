import type { InferResponseType } from 'hono/client';
import { api, ask } from './api.ts';

type Page = InferResponseType<typeof api.me.redemptions.$get, 200>;
export type Redemption = Page['redemptions'][number];

/** What the member has used, newest first, a page at a time. */
export class History {
  #redemptions = $state.raw<readonly Redemption[]>([]);
  #next = $state.raw<string | null>(null);
  #isLoaded = $state(false);

  get redemptions(): readonly Redemption[] {
    return this.#redemptions;
  }
  get hasMore(): boolean {
    return this.#next !== null;
  }
  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  async loadMore(): Promise<void> {
    const cursor = this.#next;
    const page = await ask(api.me.redemptions.$get({ query: cursor === null ? {} : { cursor } }));
    this.#redemptions = [...this.#redemptions, ...page.redemptions];
    this.#next = page.next;
    this.#isLoaded = true;
  }

  async alert(id: string): Promise<void> {
    await ask(api.me.redemptions[':id'].alert.$post({ param: { id } }));
    this.#redemptions = this.#redemptions.map((one) =>
      one.id === id ? { ...one, alerted: true } : one,
    );
  }
}
