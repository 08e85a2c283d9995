import { untrack } from 'svelte';
import { api, ask } from '#lib/api.ts';
import { asProblem, type Problem } from '#lib/problem.ts';
import { newsMilliseconds } from './cadence.ts';
import { idFor, settle } from './kept-id.ts';
import { ServerClock } from './server-clock.svelte.ts';
import { isOpen } from './states.ts';
import type { ClaimPage, HeldClaim, Person, Session } from './types.ts';
import { type Turns, whileVisible } from './while-visible.ts';

const drawnMilliseconds = 1500;
const lookingMilliseconds = 30_000;
const triesMax = 5;
const earlyMilliseconds = 2000;

/** A benefit's page of claims: what may be claimed, for whom, and what became of it. */
export class Claiming {
  readonly #benefit: number;
  readonly clock = new ServerClock();
  #page = $state.raw<ClaimPage | null>(null);
  #problem = $state.raw<Problem | null>(null);
  #own = $state.raw<readonly HeldClaim[]>([]);
  member = $state<string | null>(null);
  sessionId = $state<number | null>(null);
  quantity = $state(1);
  answers = $state<Record<string, string | number>>({});
  #turns: Turns | undefined;
  /** Heard that nothing was left where the page still showed something. */
  #isGone = $state(false);

  readonly open: readonly HeldClaim[] = $derived(this.#own.filter(isOpen));
  readonly person: Person | undefined = $derived(
    this.#page?.people.find(({ member }) => member === this.member),
  );
  /** Where there is nothing to choose from, it is chosen. */
  readonly session: Session | undefined = $derived.by(() => {
    const sessions = this.#page?.sessions ?? [];
    return sessions.length === 1 ? sessions[0] : sessions.find(({ id }) => id === this.sessionId);
  });
  readonly opensAt: number | null = $derived(asNumber(this.person?.opensAt));
  readonly isBegun: boolean = $derived(this.opensAt !== null && this.opensAt <= this.clock.now);
  readonly isOver: boolean = $derived(
    this.#page !== null && Date.parse(this.#page.closesAt) <= this.clock.now,
  );
  /** Claims of this moment are drawn together, and none is too late. */
  readonly isEntry: boolean = $derived.by(() => {
    const wave = this.#page?.waves[0];
    return wave !== undefined && Date.parse(wave.opensAt) <= this.clock.now;
  });
  readonly isSoldOut: boolean = $derived(
    this.isBegun &&
      !this.isEntry &&
      this.#page?.kind !== 'draw' &&
      (this.#isGone || (this.session !== undefined && this.session.left < this.quantity)),
  );

  constructor(benefit: number) {
    this.#benefit = benefit;
  }

  get page(): ClaimPage | null {
    return this.#page;
  }
  get problem(): Problem | null {
    return this.#problem;
  }
  /** The latest first; what is over only where it is news. */
  get own(): readonly HeldClaim[] {
    return this.#own;
  }

  /** Loads it, and asks for news as often as there may be some; returns how to stop. */
  run(): () => void {
    return untrack(() => this.#begin());
  }

  #begin(): () => void {
    void this.load();
    const stopClock = this.clock.run();
    this.#turns = whileVisible(
      () => this.#look(),
      () => this.#wait(),
    );
    return () => {
      stopClock();
      this.#turns?.stop();
    };
  }

  async load(): Promise<void> {
    const asked = performance.now();
    try {
      const page = await ask(
        api.benefits[':id'].claims.$get({ param: { id: String(this.#benefit) } }),
      );
      this.clock.hear(page.serverTime, asked);
      for (const { id } of page.own) settle(id);
      this.#page = page;
      this.#own = page.own;
      this.#isGone = false;
      this.#problem = null;
    } catch (thrown) {
      this.#problem = asProblem(thrown);
    }
    this.#turns?.again();
  }

  choose(session: number): void {
    this.sessionId = session;
    this.#isGone = false;
  }

  /** Throws what a person has to hear; where nothing is left, he may then wait. */
  async claim(waits: boolean): Promise<void> {
    const { person, session, quantity } = this;
    if (person === undefined) return;
    const wish = {
      benefit: this.#benefit,
      session: this.#page?.kind === 'draw' ? null : (session?.id ?? null),
      quantity,
      member: person.member,
    };
    const id = idFor(wish, person.cell);
    try {
      await this.#send(id, { ...wish, waits, answers: this.#answered() });
      await this.load();
    } catch (thrown) {
      const problem = asProblem(thrown);
      if (isAnswer(problem)) settle(id);
      await this.load();
      this.#isGone = problem.facts['canWait'] === true;
      throw problem;
    }
  }

  /** A lost answer is asked for again, and so is the server's yes by who came a moment early or with the crowd. */
  async #send(id: string, json: Parameters<ReturnType<typeof put>['$put']>[0]['json']) {
    for (let tries = 1; ; tries += 1) {
      try {
        return await ask(put().$put({ param: { id }, json }));
      } catch (thrown) {
        const problem = asProblem(thrown);
        const pause = tries < triesMax ? this.#pause(problem, tries) : null;
        if (pause === null) throw problem;
        await new Promise((settled) => setTimeout(settled, pause));
      }
    }
  }

  #pause({ status, code, facts }: Problem, tries: number): number | null {
    if (code === 'claims_not_open') {
      this.clock.tick();
      const early = Date.parse(String(facts['again'])) - this.clock.now;
      return early < earlyMilliseconds ? Math.max(early, 0) + 100 : null;
    }
    return status === 0 || status === 503 ? 500 * 2 ** (tries - 1) * (0.5 + Math.random()) : null;
  }

  #answered(): Record<string, string | number> {
    return Object.fromEntries(Object.entries(this.answers).filter(([, text]) => text !== ''));
  }

  /** Who is entered is asked about alone, since everybody asks at once. */
  async #look(): Promise<void> {
    const entered = this.#page?.kind === 'drop' ? this.#entered() : undefined;
    if (entered === undefined) return this.load();
    const claim = await ask(api.claims[':id'].$get({ param: { id: entered.id } }));
    if (claim.state !== 'entered') await this.load();
  }

  #wait(): number {
    const wave = this.#page?.waves[0];
    if (this.#entered() !== undefined && this.#page?.kind === 'drop') {
      const drawn = wave ? Date.parse(wave.opensAt) + wave.entrySeconds * 1000 : 0;
      return Math.max(drawn - this.clock.now, drawnMilliseconds) + Math.random() * 500;
    }
    return this.open.length > 0 ? newsMilliseconds(this.open, Math.random()) : lookingMilliseconds;
  }

  #entered(): HeldClaim | undefined {
    return this.open.find(({ state }) => state === 'entered');
  }
}

const put = () => api.claims[':id'];

const asNumber = (instant: string | null | undefined): number | null =>
  instant == null ? null : Date.parse(instant);

/** Said by the server about this claim, and not on the way to it. */
const isAnswer = ({ status }: Problem): boolean => status >= 400 && status < 500 && status !== 429;
