import { api, ask } from '#lib/api.ts';
import { passAt, showsFor, type Pass } from '#lib/card/booklet.ts';
import { phoneLabel } from '#lib/card/phone.ts';
import { asProblem, type Problem } from '#lib/problem.ts';
import type { CarriedCard } from './types.ts';

const periodMilliseconds = 60_000;

/** Somebody else's card on this phone: which code, and for how long. */
export class MandateScreen {
  readonly #id: string;
  #card = $state.raw<CarriedCard | null>(null);
  #problem = $state.raw<Problem | null>(null);
  #clockError = 0;
  #now = $state(Date.now());

  readonly maskedName = $derived(this.#card?.holder.maskedName ?? '');
  readonly pass: Pass | null = $derived(
    this.#card === null ? null : passAt({ passes: this.#card.passes }, this.#now),
  );
  /** From 1 when a code appears to 0 when it makes way for the next. */
  readonly share = $derived(
    this.pass === null ? 0 : showsFor(this.pass, this.#now) / periodMilliseconds,
  );
  readonly secondsLeft = $derived(
    this.pass === null ? 0 : Math.max(0, Math.ceil(showsFor(this.pass, this.#now) / 1000)),
  );

  constructor(id: number) {
    this.#id = String(id);
  }

  get now(): number {
    return this.#now;
  }
  get problem(): Problem | null {
    return this.#problem;
  }
  get isHere(): boolean {
    return this.#card !== null;
  }

  tick(): void {
    this.#now = Date.now() - this.#clockError;
  }

  /** Its card comes to this phone with the first look; it is on one phone at a time. */
  async open(): Promise<void> {
    try {
      await this.#show();
    } catch (thrown) {
      const problem = asProblem(thrown);
      if (problem.code !== 'card_not_enrolled') return this.#fail(problem);
      await this.#enrol();
    }
  }

  async #enrol(): Promise<void> {
    try {
      const json = { phoneLabel: phoneLabel() };
      await ask(api.me.mandates[':id'].enrolment.$post({ param: { id: this.#id }, json }));
      await this.#show();
    } catch (thrown) {
      this.#fail(asProblem(thrown));
    }
  }

  async #show(): Promise<void> {
    const asked = Date.now();
    const card = await ask(api.me.mandates[':id'].passes.$get({ param: { id: this.#id } }));
    this.#clockError = (asked + Date.now()) / 2 - Date.parse(card.serverTime);
    this.#card = card;
    this.#problem = null;
    this.tick();
  }

  #fail(problem: Problem): void {
    this.#problem = problem;
    if (!problem.isUnreachable) this.#card = null;
  }
}
