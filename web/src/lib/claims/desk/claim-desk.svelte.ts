import { api, ask } from '#lib/api.ts';
import { Loaded } from '#lib/console/loaded.svelte.ts';
import type { ClaimState, Desk, NewSession, NewWave, TermsForm } from './types.ts';

/** What a union sets up of one benefit's claims. Every change needs a reason, and is followed by a fresh look. */
export class ClaimDesk {
  readonly #loaded = new Loaded<Desk>();
  readonly id: string;

  constructor(id: string) {
    this.id = id;
  }

  get facts(): Desk | null {
    return this.#loaded.value;
  }
  get problem() {
    return this.#loaded.problem;
  }

  load(): Promise<void> {
    return this.#loaded.ask(() => ask(this.#route['claim-terms'].$get({ param: this.#param })));
  }

  async setTerms(json: TermsForm): Promise<void> {
    await ask(this.#route['claim-terms'].$put({ param: this.#param, json }));
    await this.load();
  }

  async addSessions(sessions: NewSession[], reason: string): Promise<void> {
    await ask(this.#route.sessions.$post({ param: this.#param, json: { sessions, reason } }));
    await this.load();
  }

  async resize(session: number, cap: number, reason: string): Promise<void> {
    const param = { id: String(session) };
    await ask(api['claim-sessions'][':id'].cap.$put({ param, json: { cap, reason } }));
    await this.load();
  }

  async callOff(session: number, reason: string): Promise<void> {
    const param = { id: String(session) };
    await ask(api['claim-sessions'][':id'].cancellation.$post({ param, json: { reason } }));
    await this.load();
  }

  async addWave(json: NewWave): Promise<void> {
    await ask(this.#route.waves.$post({ param: this.#param, json }));
    await this.load();
  }

  async decide(claim: string, accept: boolean, reason: string | null): Promise<ClaimState> {
    const json = { accept, reason };
    return (await ask(api.claims[':id'].decision.$post({ param: { id: claim }, json }))).state;
  }

  get #route() {
    return api.benefits[':id'];
  }
  get #param() {
    return { id: this.id };
  }
}
