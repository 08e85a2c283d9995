import { untrack } from 'svelte';
import { api, ask } from '#lib/api.ts';
import { asProblem, type Problem } from '#lib/problem.ts';
import { newsMilliseconds } from './cadence.ts';
import { ServerClock } from './server-clock.svelte.ts';
import { isOpen, partOf } from './states.ts';
import type { HeldClaim } from './types.ts';
import { dayOf } from './words.ts';
import { whileVisible } from './while-visible.ts';

/** What this person, and for whom he acts, have claimed; asked for again while it is looked at. */
export class OwnClaims {
  readonly clock = new ServerClock();
  #claims = $state.raw<readonly HeldClaim[] | null>(null);
  #problem = $state.raw<Problem | null>(null);

  /** The next one first. */
  readonly coming = $derived(this.#part('coming').toSorted(byTime));
  readonly waiting = $derived(this.#part('waiting'));
  readonly over = $derived(this.#part('over'));
  /** What runs out when nobody answers, and what takes place today or tomorrow. */
  readonly reminders: readonly HeldClaim[] = $derived.by(() => {
    const today = dayOf(this.clock.now);
    const soon = this.coming.filter(({ state, session, canConfirm }) => {
      const isNear = session?.startsAt != null && dayOf(session.startsAt) <= today + 1;
      return canConfirm || (state === 'confirmed' && isNear);
    });
    return soon.toSorted((a, b) => Number(b.canConfirm) - Number(a.canConfirm));
  });

  get claims(): readonly HeldClaim[] | null {
    return this.#claims;
  }
  get problem(): Problem | null {
    return this.#problem;
  }

  async load(): Promise<void> {
    const asked = performance.now();
    try {
      const { claims, serverTime } = await ask(api.me.claims.$get());
      this.clock.hear(serverTime, asked);
      this.#claims = claims;
      this.#problem = null;
    } catch (thrown) {
      this.#problem = asProblem(thrown);
    }
  }

  run(): () => void {
    return untrack(() => this.#begin());
  }

  #begin(): () => void {
    void this.load();
    const stopClock = this.clock.run();
    const turns = whileVisible(
      () => this.load(),
      () => newsMilliseconds(this.#claims?.filter(isOpen) ?? [], Math.random()),
    );
    return () => {
      stopClock();
      turns.stop();
    };
  }

  #part(part: ReturnType<typeof partOf>): HeldClaim[] {
    return (this.#claims ?? []).filter((claim) => partOf(claim, this.clock.now) === part);
  }
}

/** What has a time of its own first. */
function byTime(a: HeldClaim, b: HeldClaim): number {
  const [one, other] = [a, b].map(({ session }) => session?.startsAt ?? '9');
  return (one ?? '').localeCompare(other ?? '');
}
