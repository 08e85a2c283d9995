import { api, ask } from '#lib/api.ts';
import { explainClaim } from '#lib/claims/refusals.ts';
import { asProblem, Problem } from '#lib/problem.ts';
import { newId } from '#lib/scan/redemption-id.ts';
import { adviceFor, strangerRefusal } from '#lib/scan/refusal.ts';
import { signal } from '#lib/scan/signals.ts';
import { understand, type Understood } from '#lib/scan/understand.ts';
import { Polled } from './polled.svelte.ts';
import type { DoorClaim, DoorSession, Seen } from './types.ts';

type Shown = Extract<Understood, { kind: 'pass' | 'code' }>;

/** What the last card came to; the next one replaces it, so that a queue moves on without a tap. */
export type Greeting =
  | { at: 'ready' }
  | { at: 'checking' }
  | { at: 'seen'; seen: Seen }
  /** A printed card: the ID card decides. */
  | { at: 'id_check'; shown: Shown; isWrong: boolean }
  | { at: 'let_in'; maskedName: string; quantity: number }
  | { at: 'refused'; title: string; text: string };

/** An organiser at the door of one session: cards, ticks by hand, walk-ins. */
export class DoorDesk {
  readonly list = new Polled<DoorSession>();
  readonly #param: { id: string };
  #greeting = $state.raw<Greeting>({ at: 'ready' });
  // The claim of a walk-in under way: sent again, it is the same one.
  #walkIn: { ticket: string; id: string } | null = null;

  constructor(session: string) {
    this.#param = { id: session };
  }

  get greeting(): Greeting {
    return this.#greeting;
  }

  start(): () => void {
    return this.list.start(() =>
      ask(api['claim-sessions'][':id'].door.$get({ param: this.#param })),
    );
  }

  /** A text from the camera, a USB scanner or the keyboard. */
  async read(text: string): Promise<void> {
    if (this.#greeting.at === 'checking') return;
    const shown = understand(text);
    if (shown.kind === 'pass' || shown.kind === 'code') return this.check(shown);
    const what = shown.kind === 'stranger' ? shown.what : 'link';
    const { title, advice } = strangerRefusal(what);
    this.#refuse(title, advice);
  }

  async check(shown: Shown, idLastFour?: string): Promise<void> {
    this.#greeting = { at: 'checking' };
    const what = shown.kind === 'pass' ? { pass: shown.pass } : { code: shown.code };
    const json = { ...what, ...(idLastFour === undefined ? {} : { idLastFour }) };
    try {
      const seen = await ask(
        api['claim-sessions'][':id'].attendance.$post({ param: this.#param, json }),
      );
      this.#greeting = { at: 'seen', seen };
      signal(seen.outcome === 'attended' ? 'accepted' : 'attention');
      await this.list.look();
    } catch (thrown) {
      const { code } = asProblem(thrown);
      if (code !== 'id_check_required' && code !== 'id_check_failed') return this.#fail(thrown);
      this.#greeting = { at: 'id_check', shown, isWrong: code === 'id_check_failed' };
      signal('attention');
    }
  }

  async letIn(quantity: number): Promise<void> {
    if (this.#greeting.at !== 'seen') return;
    const { seen } = this.#greeting;
    if (seen.walkIn === null) return;
    const { ticket } = seen.walkIn;
    const isSame = this.#walkIn?.ticket === ticket;
    const id = isSame && this.#walkIn !== null ? this.#walkIn.id : newId(seen.cell);
    this.#walkIn = { ticket, id };
    const json = { id, ticket, quantity };
    try {
      const { maskedName } = await ask(
        api['claim-sessions'][':id']['walk-ins'].$post({ param: this.#param, json }),
      );
      this.#greeting = { at: 'let_in', maskedName, quantity };
      signal('accepted');
      await this.list.look();
    } catch (thrown) {
      // Without an answer it may be so or not: the same button sends the same claim again.
      if (asProblem(thrown).isUnreachable) throw thrown;
      this.#fail(thrown);
    }
  }

  next(): void {
    if (this.#greeting.at !== 'checking') this.#greeting = { at: 'ready' };
  }

  async tick({ id }: DoorClaim): Promise<void> {
    await ask(api.claims[':id'].attendance.$post({ param: { id }, json: {} }));
    await this.list.look();
  }

  async untick({ id }: DoorClaim, reason: string): Promise<void> {
    await ask(api.claims[':id'].attendance.$delete({ param: { id }, json: { reason } }));
    await this.list.look();
  }

  #fail(thrown: unknown): void {
    const { title, text } = explainClaim(thrown);
    const code = thrown instanceof Problem ? thrown.code : '';
    this.#refuse(title, text || adviceFor(code));
  }

  #refuse(title: string, text: string): void {
    this.#greeting = { at: 'refused', title, text };
    signal('refused');
  }
}
