import type { InferRequestType } from 'hono/client';
import { api, ask } from '../api.ts';
import { Loaded } from '../console/loaded.svelte.ts';
import { Problem } from '../problem.ts';
import type { NewSession } from '../claims/desk/types.ts';
import type { Chance, Draw } from './types.ts';

const route = api.benefits[':id'];

export type DrawForm = Omit<InferRequestType<typeof route.draw.$post>['json'], 'reason'>;

/** A draw at its organiser's desk; null: nothing is committed yet. */
export class DrawDesk {
  readonly #loaded = new Loaded<{ draw: Draw | null }>();
  readonly #param: { id: string };
  #rehearsed = $state.raw<readonly Chance[] | null>(null);

  constructor(id: string) {
    this.#param = { id };
  }

  get isLoaded(): boolean {
    return this.#loaded.value !== null;
  }
  get draw(): Draw | null {
    return this.#loaded.value?.draw ?? null;
  }
  get problem() {
    return this.#loaded.problem;
  }
  get rehearsed(): readonly Chance[] | null {
    return this.#rehearsed;
  }

  load(): Promise<void> {
    return this.#loaded.ask(async () => {
      try {
        return { draw: await ask(route.draw.$get({ param: this.#param })) };
      } catch (thrown) {
        if (thrown instanceof Problem && thrown.code === 'not_found') return { draw: null };
        throw thrown;
      }
    });
  }

  async commit(form: DrawForm, reason: string): Promise<void> {
    await ask(route.draw.$post({ param: this.#param, json: { ...form, reason } }));
    await this.load();
  }

  async rehearse(): Promise<void> {
    this.#rehearsed = (await ask(route.draw.rehearsal.$get({ param: this.#param }))).chances;
  }

  async enterNumber(number: string, reason: string): Promise<void> {
    await ask(route.draw.number.$post({ param: this.#param, json: { number, reason } }));
    await this.load();
  }

  async addPrizes(sessions: NewSession[], reason: string): Promise<void> {
    await ask(route.sessions.$post({ param: this.#param, json: { sessions, reason } }));
  }
}
