import { api, ask } from '../api.ts';
import { asProblem, type Problem } from '../problem.ts';
import {
  dropBooklet,
  keepBooklet,
  keptBooklet,
  lastsUntil,
  passAt,
  showsFor,
  type Kept,
  type Pass,
} from './booklet.ts';
import type { News, NewsItem } from './news.ts';

/** What stands in the way of a code; each has a screen of its own. */
export type Obstacle =
  | 'card_not_enrolled'
  | 'card_replaced'
  | 'card_lost'
  | 'card_blocked'
  | 'member_left'
  | 'not_a_member';

const obstacles: readonly string[] = [
  'card_not_enrolled',
  'card_replaced',
  'card_lost',
  'card_blocked',
  'member_left',
  'not_a_member',
] satisfies Obstacle[];

const refreshBelowMilliseconds = 90 * 60_000;
const clockErrorWorthSaying = 60_000;
const periodMilliseconds = 60_000;

/** The open card: which code, for how long, and what just happened to it. */
export class CardScreen {
  #kept = $state.raw<Kept | null>(keptBooklet());
  #now = $state(0);
  #obstacle = $state.raw<{ code: Obstacle; problem: Problem } | null>(null);
  #problem = $state.raw<Problem | null>(null);
  #receipt = $state.raw<NewsItem | null>(null);
  #spent = $state.raw<string | null>(null);
  #isAsking = false;

  readonly holder = $derived(this.#kept?.booklet.holder ?? null);
  readonly pass: Pass | null = $derived(this.#passNow());
  /** From 1 when a code appears to 0 when it makes way for the next. */
  readonly share = $derived(
    this.pass === null ? 0 : showsFor(this.pass, this.#now) / periodMilliseconds,
  );
  readonly secondsLeft = $derived(
    this.pass === null ? 0 : Math.max(0, Math.ceil(showsFor(this.pass, this.#now) / 1000)),
  );
  /** The shown code was just used; it still serves for another benefit, and a fresh one follows. */
  readonly isSpent = $derived(this.pass !== null && this.pass.code === this.#spent);
  readonly lastsUntil = $derived(this.#kept === null ? 0 : lastsUntil(this.#kept.booklet));
  /** Minutes by which this phone's clock is wrong; 0 when it is near enough. The codes allow for it. */
  readonly clockWrongByMinutes = $derived(
    Math.abs(this.#kept?.clockErrorMilliseconds ?? 0) < clockErrorWorthSaying
      ? 0
      : Math.round((this.#kept?.clockErrorMilliseconds ?? 0) / 60_000),
  );

  constructor() {
    this.tick();
  }

  /** The server's time, in milliseconds, as far as this phone knows it. */
  get now(): number {
    return this.#now;
  }
  get obstacle(): { code: Obstacle; problem: Problem } | null {
    return this.#obstacle;
  }
  /** Why the booklet could not be renewed; the kept one may still serve. */
  get problem(): Problem | null {
    return this.#problem;
  }
  get receipt(): NewsItem | null {
    return this.#receipt;
  }

  tick(): void {
    this.#now = Date.now() - (this.#kept?.clockErrorMilliseconds ?? 0);
  }

  isRunningLow(): boolean {
    return this.lastsUntil - this.#now < refreshBelowMilliseconds;
  }

  async refresh(): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    const asked = Date.now();
    try {
      const booklet = await ask(api.me.passes.$get());
      const middle = (asked + Date.now()) / 2;
      this.#kept = { booklet, clockErrorMilliseconds: middle - Date.parse(booklet.serverTime) };
      keepBooklet(this.#kept);
      this.#obstacle = null;
      this.#problem = null;
    } catch (thrown) {
      this.#fail(asProblem(thrown));
    } finally {
      this.#isAsking = false;
      this.tick();
    }
  }

  async enrol(phoneLabel: string, takeover: boolean): Promise<void> {
    await ask(api.me.card.enrolment.$post({ json: { phoneLabel, takeover } }));
    await this.refresh();
  }

  hear(news: News): void {
    const last = news.events.at(-1);
    if (last !== undefined) {
      this.#receipt = last;
      if (last.type === 'redemption') this.#spent = this.pass?.code ?? null;
    }
    if (news.card !== null && news.card.status !== 'live') void this.refresh();
  }

  dismiss(): void {
    this.#receipt = null;
  }

  async alert(): Promise<void> {
    const receipt = this.#receipt;
    if (receipt === null) return;
    await ask(api.me.redemptions[':id'].alert.$post({ param: { id: receipt.id } }));
    this.#receipt = { ...receipt, alerted: true };
  }

  #passNow(): Pass | null {
    return this.#kept === null ? null : passAt(this.#kept.booklet, this.#now);
  }

  #fail(problem: Problem): void {
    this.#problem = problem;
    const isFinal = obstacles.includes(problem.code);
    if (isFinal) this.#obstacle = { code: problem.code as Obstacle, problem };
    // A code of a card that is gone would only embarrass its holder at the counter.
    if (isFinal || problem.status === 401) {
      dropBooklet();
      this.#kept = null;
    }
  }
}
