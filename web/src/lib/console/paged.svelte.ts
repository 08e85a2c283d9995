import { Loaded } from './loaded.svelte.ts';

type Page<Row> = { rows: readonly Row[]; next: string | null };
type Fetch<Row> = (cursor: string | undefined) => Promise<Page<Row>>;

/** A list that grows a page at a time from where it ended, so that rows added meanwhile repeat and skip nothing. */
export class Paged<Row> {
  readonly #loaded = new Loaded<Page<Row>>();
  #fetch: Fetch<Row> | null = null;

  get rows(): readonly Row[] | null {
    return this.#loaded.value?.rows ?? null;
  }
  get hasMore(): boolean {
    return this.#loaded.value?.next != null;
  }
  get problem() {
    return this.#loaded.problem;
  }
  get isAsking(): boolean {
    return this.#loaded.isAsking;
  }

  async start(fetch: Fetch<Row>): Promise<void> {
    this.#fetch = fetch;
    await this.#loaded.ask(() => fetch(undefined));
  }

  async reload(): Promise<void> {
    if (this.#fetch !== null) await this.start(this.#fetch);
  }

  async more(): Promise<void> {
    const fetch = this.#fetch;
    const before = this.#loaded.value;
    if (fetch === null || before?.next == null) return;
    const { next: cursor } = before;
    await this.#loaded.ask(async () => {
      const { rows, next } = await fetch(cursor);
      return { rows: [...before.rows, ...rows], next };
    });
  }
}
