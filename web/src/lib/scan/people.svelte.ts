import type { InferRequestType, InferResponseType } from 'hono/client';
import { api, ask } from '#lib/api.ts';
import { asProblem, type Problem } from '#lib/problem.ts';

export type Person = InferResponseType<typeof api.operators.$get, 200>['operators'][number];

type NewPerson = InferRequestType<typeof api.operators.$post>['json'];

/** Those who scan for the partners this manager runs. */
export class People {
  #all = $state.raw<readonly Person[] | null>(null);
  #problem = $state.raw<Problem | null>(null);

  get all(): readonly Person[] | null {
    return this.#all;
  }
  get problem(): Problem | null {
    return this.#problem;
  }

  async load(): Promise<void> {
    this.#problem = null;
    try {
      this.#all = (await ask(api.operators.$get())).operators;
    } catch (thrown) {
      this.#problem = asProblem(thrown);
    }
  }

  async invite(json: NewPerson): Promise<void> {
    await ask(api.operators.$post({ json }));
    await this.load();
  }

  async remove({ id }: Person, reason: string): Promise<void> {
    await ask(api.operators[':id'].$delete({ param: { id: String(id) }, json: { reason } }));
    await this.load();
  }

  async setSuspended(person: Person, isSuspended: boolean, reason: string): Promise<void> {
    const { suspension } = api.operators[':id'];
    const what = { param: { id: String(person.id) }, json: { reason } };
    await ask(isSuspended ? suspension.$post(what) : suspension.$delete(what));
    await this.load();
  }
}
