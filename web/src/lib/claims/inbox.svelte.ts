import { api, ask } from '#lib/api.ts';
import { asProblem, type Problem } from '#lib/problem.ts';
import type { InboxItem } from './types.ts';
import { tellUnread } from './unread.ts';
import { whileVisible } from './while-visible.ts';

const everyMilliseconds = 15_000;

/** What a member was told, the newest first. Opening it reads it; what was new stays marked as long as the page is open. */
export class InboxList {
  #items = $state.raw<readonly InboxItem[] | null>(null);
  #problem = $state.raw<Problem | null>(null);
  #next = $state.raw<number | null>(null);
  #isAsking = $state(false);
  #fresh = $state.raw<readonly number[]>([]);

  get rows(): readonly InboxItem[] | null {
    return this.#items;
  }
  get problem(): Problem | null {
    return this.#problem;
  }
  get hasMore(): boolean {
    return this.#next !== null;
  }
  get isAsking(): boolean {
    return this.#isAsking;
  }

  isNew({ id }: InboxItem): boolean {
    return this.#fresh.includes(id);
  }

  run(): () => void {
    void this.load();
    return whileVisible(
      () => this.load(),
      () => everyMilliseconds,
    ).stop;
  }

  /** The newest page, in front of older ones that are shown already. */
  async load(): Promise<void> {
    try {
      const { items, next, unread } = await ask(api.me.inbox.$get({ query: {} }));
      const last = items.at(-1)?.id ?? 0;
      const older = this.#items?.filter(({ id }) => id < last) ?? [];
      const news = items.filter(({ isRead }) => !isRead).map(({ id }) => id);
      this.#fresh = [...this.#fresh, ...news];
      this.#items = [...items, ...older];
      if (older.length === 0) this.#next = next;
      this.#problem = null;
      const newest = items[0];
      if (unread > 0 && newest !== undefined) await this.#read(newest.id);
    } catch (thrown) {
      this.#problem = asProblem(thrown);
    }
  }

  async more(): Promise<void> {
    if (this.#next === null || this.#isAsking) return;
    this.#isAsking = true;
    try {
      const query = { before: String(this.#next) };
      const { items, next } = await ask(api.me.inbox.$get({ query }));
      this.#items = [...(this.#items ?? []), ...items];
      this.#next = next;
    } catch (thrown) {
      this.#problem = asProblem(thrown);
    } finally {
      this.#isAsking = false;
    }
  }

  async #read(through: number): Promise<void> {
    const { unread } = await ask(api.me.inbox.read.$put({ json: { through } }));
    tellUnread(unread);
  }
}
