import type { Random } from '../../db/seed/random.ts';
import type { Fate } from '../support/fault-proxy.ts';

const delayMsMax = 40;

/** What a bad network does to redemptions, by lot: most pass, some do not; some fall silent, until none of those are left. */
export class Fates {
  readonly #random: Random;
  readonly #drawn = new Map<Fate['kind'], number>();
  #silencesLeft: number;

  constructor(random: Random, silences: number) {
    this.#random = random;
    this.#silencesLeft = silences;
  }

  draw(statement: string): Fate {
    if (!statement.includes('redeem(')) return { kind: 'pass' };
    const fate = this.#pick();
    this.#drawn.set(fate.kind, (this.#drawn.get(fate.kind) ?? 0) + 1);
    return fate;
  }

  get said(): string {
    return [...this.#drawn].map(([kind, times]) => `${kind} ${times}`).join(', ');
  }

  #pick(): Fate {
    const percent = this.#random.below(100);
    if (percent < 10) return { kind: 'cut before' };
    if (percent < 24) return { kind: 'cut after' };
    if (percent < 34) return { kind: 'delay', ms: 1 + this.#random.below(delayMsMax) };
    if (percent < 36 && this.#silencesLeft > 0) {
      this.#silencesLeft -= 1;
      return { kind: 'silence' };
    }
    return { kind: 'pass' };
  }
}
