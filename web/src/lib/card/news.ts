import type { InferResponseType } from 'hono/client';
import { api } from '../api.ts';
import { problemOf } from '../problem.ts';

export type News = InferResponseType<typeof api.me.events.$get, 200>;
export type NewsItem = News['events'][number];

const everyMilliseconds = 1_500;
const slowestMilliseconds = 24_000;

/** Asks what happened to the card while its code is looked at, and not at all while it is not. */
export class NewsDesk {
  #after = keptPlace();
  #tag: string | null = null;
  #wait = everyMilliseconds;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isOpen = false;
  readonly #tell: (news: News) => void;

  constructor(tell: (news: News) => void) {
    this.#tell = tell;
  }

  open(): () => void {
    this.#isOpen = true;
    document.addEventListener('visibilitychange', this.#look);
    void this.#ask();
    return () => {
      this.#isOpen = false;
      clearTimeout(this.#timer);
      document.removeEventListener('visibilitychange', this.#look);
    };
  }

  readonly #look = (): void => {
    clearTimeout(this.#timer);
    this.#wait = everyMilliseconds;
    if (document.visibilityState === 'visible') void this.#ask();
  };

  async #ask(): Promise<void> {
    if (!this.#isOpen || document.visibilityState !== 'visible') return;
    try {
      await this.#fetch();
      this.#wait = everyMilliseconds;
    } catch {
      this.#wait = Math.min(slowestMilliseconds, this.#wait * 2);
    }
    clearTimeout(this.#timer);
    if (this.#isOpen) this.#timer = setTimeout(() => void this.#ask(), this.#wait);
  }

  async #fetch(): Promise<void> {
    const after = this.#after;
    const response = await api.me.events.$get(
      { query: after === undefined ? {} : { after } },
      {
        headers: this.#tag === null ? {} : { 'if-none-match': this.#tag },
        init: { cache: 'no-store' },
      },
    );
    const status: number = response.status;
    if (status === 304) return;
    if (!response.ok) throw await problemOf(response as unknown as Response);
    const news = (await response.json()) as News;
    this.#tag = news.next === after ? response.headers.get('etag') : null;
    this.#after = news.next;
    keepPlace(news.next);
    // The first answer is the past: it says where to go on from, and how the card stands.
    this.#tell(after === undefined ? { ...news, events: [] } : news);
  }
}

const placeKey = 'tongka-news';

// A reload in mid-visit must not swallow the tick; another day's news is history, not news.
function keptPlace(): string | undefined {
  try {
    return sessionStorage.getItem(placeKey) ?? undefined;
  } catch {
    return undefined;
  }
}

function keepPlace(place: string): void {
  try {
    sessionStorage.setItem(placeKey, place);
  } catch {
    // The place is then lost with the page.
  }
}
