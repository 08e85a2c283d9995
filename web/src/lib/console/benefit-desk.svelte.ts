import type { InferRequestType } from 'hono/client';
import { api, ask } from '../api.ts';
import { Loaded } from './loaded.svelte.ts';
import type { Allocations, AuditEntry, Pool, Terms, TermsChange } from './types.ts';

type Facts = { terms: Terms; places: Allocations; changes: readonly AuditEntry[] };

type AdmissionTerms = InferRequestType<
  (typeof api.benefits)[':id']['partners'][':partner']['$put']
>['json'];

type NewOpening = InferRequestType<(typeof api.benefits)[':id']['openings']['$post']>['json'];

/** One benefit as its union works on it. Every change needs a reason, and is followed by a fresh look. */
export class BenefitDesk {
  readonly #loaded = new Loaded<Facts>();
  readonly #id: string;
  #month: string | null = null;

  constructor(id: string) {
    this.#id = id;
  }

  get facts(): Facts | null {
    return this.#loaded.value;
  }
  get problem() {
    return this.#loaded.problem;
  }

  /** The places of another month. */
  showMonth(month: string): Promise<void> {
    this.#month = month;
    return this.load();
  }

  load(): Promise<void> {
    return this.#loaded.ask(async () => {
      const [terms, places, { entries }] = await Promise.all([
        ask(this.#route.terms.$get({ param: this.#param })),
        ask(
          this.#route.allocations.$get({
            param: this.#param,
            query: this.#month === null ? {} : { month: this.#month },
          }),
        ),
        ask(api.audit.$get({ query: { subject: 'benefit', subjectId: this.#id, limit: '20' } })),
      ]);
      return { terms, places, changes: entries };
    });
  }

  async change(terms: TermsChange): Promise<void> {
    await this.#done(ask(this.#route.terms.$patch({ param: this.#param, json: terms })));
  }

  async setStage(stage: 'test' | 'published' | 'ended', reason: string): Promise<void> {
    await this.#done(ask(this.#route.stage.$put({ param: this.#param, json: { stage, reason } })));
  }

  async pause(reason: string): Promise<void> {
    await ask(this.#route.pause.$post({ param: this.#param, json: { reason } }));
    await this.load();
  }

  async resume(reason: string): Promise<void> {
    await ask(this.#route.resume.$post({ param: this.#param, json: { reason } }));
    await this.load();
  }

  /** Whether only the unions above may change it from now on. */
  async hold(isHeld: boolean, reason: string): Promise<void> {
    if (this.facts === null) return;
    await this.change({ version: this.facts.terms.version, isHeld, reason });
  }

  async setCap(districtId: Pool['districtId'], cap: number, reason: string): Promise<void> {
    const pool = districtId === null ? 'shared' : String(districtId);
    const json = { cap, month: this.#shown, reason };
    await this.#done(
      ask(this.#route.allocations[':pool'].$put({ param: { ...this.#param, pool }, json })),
    );
  }

  async topUp(districtId: number, units: number, reason: string): Promise<void> {
    const param = { ...this.#param, pool: String(districtId) };
    const json = { units, month: this.#shown, reason };
    await this.#done(ask(this.#route.allocations[':pool']['top-up'].$put({ param, json })));
  }

  async copyMonth(from: string, month: string, reason: string): Promise<void> {
    const json = { from, month, reason };
    await this.#done(ask(this.#route['allocation-copies'].$post({ param: this.#param, json })));
  }

  async openPlaces(opening: Omit<NewOpening, 'month'>): Promise<void> {
    const json = { ...opening, month: this.#shown };
    await this.#done(ask(this.#route.openings.$post({ param: this.#param, json })));
  }

  get #shown(): string | null {
    return this.facts?.places.month ?? null;
  }

  async #done(answer: Promise<unknown>): Promise<void> {
    await answer;
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
