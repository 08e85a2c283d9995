import type { Actor } from '../caller.ts';

const countMax = 5_000;

/**
 * Callers whose cookies were verified and are still good: the same cookies come with every request of a browser for
 * minutes, and checking a signature is dear. It says only what the cookies say; whether that still counts is SQL's to judge.
 */
export class VerifiedCookies {
  readonly #known = new Map<string, { actor: Actor; untilMs: number }>();

  find(cookies: string): Actor | null {
    const found = this.#known.get(cookies);
    if (!found) return null;
    if (Date.now() < found.untilMs) return found.actor;
    this.#known.delete(cookies);
    return null;
  }

  keep(cookies: string, actor: Actor, untilMs: number): void {
    this.#known.set(cookies, { actor, untilMs });
    const [oldest] = this.#known.keys();
    if (this.#known.size > countMax && oldest !== undefined) this.#known.delete(oldest);
  }
}
