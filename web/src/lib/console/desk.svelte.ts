import { api, ask } from '../api.ts';
import { asProblem, type Problem } from '../problem.ts';
import type { UnionInScope } from './types.ts';

const key = 'tongka.console.union';

/** The unions this officer answers for, and the one whose desk is open now; remembered on this computer. */
class Desk {
  #unions = $state.raw<readonly UnionInScope[] | null>(null);
  #problem = $state.raw<Problem | null>(null);
  #chosenId = $state.raw<number | null>(null);

  readonly union: UnionInScope | null = $derived(
    this.#unions?.find(({ id }) => id === this.#chosenId) ?? this.#unions?.[0] ?? null,
  );
  readonly districts: readonly UnionInScope[] = $derived(
    this.#unions?.filter(({ level }) => level === 2) ?? [],
  );

  get unions(): readonly UnionInScope[] | null {
    return this.#unions;
  }
  get problem(): Problem | null {
    return this.#problem;
  }

  async load(): Promise<void> {
    this.#problem = null;
    this.#chosenId = Number(localStorage.getItem(key)) || null;
    try {
      this.#unions = (await ask(api.unions.$get({ query: { levelMax: '3' } }))).unions;
    } catch (thrown) {
      this.#problem = asProblem(thrown);
    }
  }

  choose(id: number): void {
    this.#chosenId = id;
    localStorage.setItem(key, String(id));
  }
}

export const desk = new Desk();
