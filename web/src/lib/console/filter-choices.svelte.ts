import { api, ask } from '../api.ts';
import type { District } from '../benefits/types.ts';
import { Loaded } from './loaded.svelte.ts';
import type { BenefitOfUnion, Partner } from './types.ts';

type Choices = {
  benefits: readonly BenefitOfUnion[];
  districts: readonly District[];
  partners: readonly Partner[];
};

/** What the filters of the redemption list offer. Without it the list still stands, so its failure is not said. */
export class FilterChoices {
  readonly #loaded = new Loaded<Choices>();

  get benefits() {
    return this.#loaded.value?.benefits ?? [];
  }
  get districts() {
    return this.#loaded.value?.districts ?? [];
  }
  get partners() {
    return this.#loaded.value?.partners ?? [];
  }

  load(unionId: number): Promise<void> {
    return this.#loaded.ask(async () => {
      const [{ benefits }, { districts }, { partners }] = await Promise.all([
        ask(api.unions[':id'].benefits.$get({ param: { id: String(unionId) } })),
        ask(api.districts.$get()),
        ask(api.partners.$get({ query: {} })),
      ]);
      return { benefits, districts, partners };
    });
  }
}
