import { isInTheWay } from '#lib/claims/in-the-way.ts';
import { api, ask } from '../api.ts';
import { asProblem, type Problem } from '../problem.ts';
import type { Kind } from './kinds.ts';
import type { BenefitItem, BenefitList, District } from './types.ts';

export type Wanted = {
  kind: Kind | undefined;
  district: string | undefined;
  q: string | undefined;
  near: string | undefined;
};

/** The list as it was last asked for; an earlier question that answers late is not listened to. */
export class Catalogue {
  #list = $state.raw<BenefitList | null>(null);
  #districts = $state.raw<readonly District[]>([]);
  #problem = $state.raw<Problem | null>(null);
  #asked = 0;

  readonly usable: readonly BenefitItem[] = $derived(
    this.#list?.items.filter((item) => item.canUse && item.claimKind === null) ?? [],
  );
  /** What one claims before going there. */
  readonly claimable: readonly BenefitItem[] = $derived(
    this.#list?.items.filter((item) => item.claimKind !== null && !isInTheWay(item.reason)) ?? [],
  );
  readonly others: readonly BenefitItem[] = $derived(
    this.#list?.items.filter((item) =>
      item.claimKind === null ? !item.canUse : isInTheWay(item.reason),
    ) ?? [],
  );

  get list(): BenefitList | null {
    return this.#list;
  }
  get districts(): readonly District[] {
    return this.#districts;
  }
  get problem(): Problem | null {
    return this.#problem;
  }

  async load({ kind, district, q, near }: Wanted): Promise<void> {
    const question = ++this.#asked;
    try {
      const list = await ask(
        api.benefits.$get({
          query: {
            ...(kind !== undefined && { kind }),
            ...(district !== undefined && { district }),
            ...(q !== undefined && { q }),
          },
          header: { 'x-near': near },
        }),
      );
      if (question !== this.#asked) return;
      this.#list = list;
      this.#problem = null;
    } catch (thrown) {
      if (question === this.#asked) this.#problem = asProblem(thrown);
    }
  }

  async loadDistricts(): Promise<void> {
    try {
      this.#districts = (await ask(api.districts.$get())).districts;
    } catch (thrown) {
      this.#problem = asProblem(thrown);
    }
  }
}
