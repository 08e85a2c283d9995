import { api, ask } from '../api.ts';
import { Loaded } from '../console/loaded.svelte.ts';
import { problemOf } from '../problem.ts';
import { isResultOf, pseudonymOf, recompute, type Recomputed } from './recompute.ts';
import type { Draw } from './types.ts';

export type Checked = Recomputed & { entries: number; isResultRight: boolean };

/** One draw as anybody sees it, and his own computation of it. */
export class DrawScreen {
  readonly #loaded = new Loaded<Draw & { pseudonym: string | null }>();
  readonly #id: string;
  #done = $state(0);
  #checked = $state.raw<Checked | null>(null);

  constructor(id: string) {
    this.#id = id;
  }

  get draw() {
    return this.#loaded.value;
  }
  get problem() {
    return this.#loaded.problem;
  }
  /** How much of the computation is done, from 0 to 1. */
  get done(): number {
    return this.#done;
  }
  get checked(): Checked | null {
    return this.#checked;
  }
  get isRight(): boolean {
    const found = this.#checked;
    return (
      found !== null &&
      found.isSecretCommitted &&
      found.isListTheOne &&
      found.isSeedRight &&
      found.isResultRight
    );
  }

  load(): Promise<void> {
    return this.#loaded.ask(async () => {
      const draw = await ask(api.benefits[':id'].draw.$get({ param: { id: this.#id } }));
      const pseudonym =
        draw.own === null ? null : await pseudonymOf(Number(this.#id), draw.own.claim);
      return { ...draw, pseudonym };
    });
  }

  /** Fetches the published list and does the whole draw again with it, here. */
  async check(): Promise<void> {
    const { draw } = this;
    if (draw === null) return;
    const { commitment, listHash, secret, number, seed } = draw;
    if (listHash === null || secret === null || number === null || seed === null) return;
    this.#checked = null;
    this.#done = 0;
    const answer = await api.benefits[':id'].draw.list.$get({ param: { id: this.#id } });
    if (!answer.ok) throw await problemOf(answer);
    const list = await answer.text();
    const told = { commitment, listHash, secret, number, seed };
    const found = await recompute(list, told, (done, all) => (this.#done = done / all));
    this.#checked = {
      ...found,
      entries: found.order.length,
      isResultRight: isResultOf(found.order, draw),
    };
  }
}
