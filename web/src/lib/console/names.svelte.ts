import { api, ask } from '../api.ts';
import { desk } from './desk.svelte.ts';
import type { Known } from './fields.ts';
import { Loaded } from './loaded.svelte.ts';

/** What districts and partners are called, those of other unions among them. Without it a number stands. */
export class Names {
  readonly #loaded = new Loaded<Known>();

  readonly known: Known = $derived({
    unions: [...(this.#loaded.value?.unions ?? []), ...(desk.unions ?? [])],
    partners: this.#loaded.value?.partners ?? [],
  });

  get districts(): Known['unions'] {
    return this.#loaded.value?.unions ?? [];
  }

  load(): Promise<void> {
    return this.#loaded.ask(async () => {
      const [{ districts }, { partners }] = await Promise.all([
        ask(api.districts.$get()),
        ask(api.partners.$get({ query: {} })),
      ]);
      return { unions: districts, partners };
    });
  }
}
