import type { InferRequestType } from 'hono/client';
import { api, ask } from '../api.ts';
import { Loaded } from './loaded.svelte.ts';
import type { Allocations, AuditEntry, Pool, Terms, TermsChange } from './types.ts';

type Facts = { terms: Terms; places: Allocations; changes: readonly AuditEntry[] };

type AdmissionTerms = InferRequestType<
  (typeof api.benefits)[':id']['partners'][':partner']['$put']
>['json'];

/** One benefit as its union works on it. Every change needs a reason, and is followed by a fresh look. */
export class BenefitDesk {
  readonly #loaded = new Loaded<Facts>();
  readonly #id: string;

  constructor(id: string) {
    this.#id = id;
  }

  get facts(): Facts | null {
    return this.#loaded.value;
  }
  get problem() {
    return this.#loaded.problem;
  }

  load(): Promise<void> {
    return this.#loaded.ask(async () => {
      const [terms, places, { entries }] = await Promise.all([
        ask(this.#route.terms.$get({ param: this.#param })),
        ask(this.#route.allocations.$get({ param: this.#param })),
        ask(api.audit.$get({ query: { subject: 'benefit', subjectId: this.#id, limit: '20' } })),
      ]);
      return { terms, places, changes: entries };
    });
  }

  async change(terms: TermsChange): Promise<void> {
    await ask(this.#route.terms.$patch({ param: this.#param, json: terms }));
    await this.load();
  }

  async pause(reason: string): Promise<void> {
    await ask(this.#route.pause.$post({ param: this.#param, json: { reason } }));
    await this.load();
  }

  async resume(reason: string): Promise<void> {
    await ask(this.#route.resume.$post({ param: this.#param, json: { reason } }));
    await this.load();
  }

  async setCap(districtId: Pool['districtId'], cap: number, reason: string): Promise<void> {
    const pool = districtId === null ? 'shared' : String(districtId);
    await ask(
      this.#route.allocations[':pool'].$put({
        param: { ...this.#param, pool },
        json: { cap, reason },
      }),
    );
    await this.load();
  }

  /** A partner's terms, a new one's or changed ones; above the threshold they wait for a second person. */
  async admit(partnerId: number, json: AdmissionTerms) {
    const param = { ...this.#param, partner: String(partnerId) };
    const answer = await ask(this.#route.partners[':partner'].$put({ param, json }));
    await this.load();
    return answer;
  }

  async setAdmission(
    partnerId: number,
    state: 'live' | 'paused' | 'ended',
    reason: string,
  ): Promise<void> {
    const param = { ...this.#param, partner: String(partnerId) };
    await ask(this.#route.partners[':partner'].state.$put({ param, json: { state, reason } }));
    await this.load();
  }

  get #route() {
    return api.benefits[':id'];
  }
  get #param() {
    return { id: this.#id };
  }
}
