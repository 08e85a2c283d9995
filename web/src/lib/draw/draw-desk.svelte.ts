import type { InferRequestType, InferResponseType } from 'hono/client';
import { api, ask } from '../api.ts';
import { Loaded } from '../console/loaded.svelte.ts';
import { Problem } from '../problem.ts';
import type { Chance, Draw } from './types.ts';

const route = api.benefits[':id'];

type Claims = InferResponseType<(typeof route)['claim-terms']['$get'], 200>;
export type DrawForm = Omit<InferRequestType<typeof route.draw.$post>['json'], 'reason'>;
export type NewPrize = InferRequestType<typeof route.sessions.$post>['json']['sessions'][number];

/** A draw at its organiser's desk; `draw` null: nothing is committed yet, or it is none that is drawn by lot. */
export class DrawDesk {
  readonly #loaded = new Loaded<{ claims: Claims; draw: Draw | null }>();
  readonly #param: { id: string };
  #rehearsed = $state.raw<readonly Chance[] | null>(null);

  constructor(id: string) {
    this.#param = { id };
  }

  get facts() {
    return this.#loaded.value;
  }
  get problem() {
    return this.#loaded.problem;
  }
  get rehearsed(): readonly Chance[] | null {
    return this.#rehearsed;
  }

  load(): Promise<void> {
    const param = this.#param;
    return this.#loaded.ask(async () => {
      const claims = await ask(route['claim-terms'].$get({ param }));
      const isDrawn = claims.terms?.kind === 'draw';
      return { claims, draw: isDrawn ? await this.#readDraw() : null };
    });
  }

  async #readDraw(): Promise<Draw | null> {
    try {
      return await ask(route.draw.$get({ param: this.#param }));
    } catch (thrown) {
      if (thrown instanceof Problem && thrown.code === 'not_found') return null;
      throw thrown;
    }
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

  async addPrizes(sessions: NewPrize[], reason: string): Promise<void> {
    await ask(route.sessions.$post({ param: this.#param, json: { sessions, reason } }));
    await this.load();
  }
}
