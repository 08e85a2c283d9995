import { api, ask } from '#lib/api.ts';
import { asProblem, type Problem } from '#lib/problem.ts';
import type { Drop } from './types.ts';

const everyMilliseconds = 1500;
const kept = 60;

/** A drop as it goes, asked for every second and a half while somebody looks. */
export class LiveDrop {
  readonly #id: string;
  #drop = $state.raw<Drop | null>(null);
  #rates = $state.raw<readonly number[]>([]);
  #problem = $state.raw<Problem | null>(null);
  #offset = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isOpen = false;

  constructor(id: string) {
    this.#id = id;
  }

  get drop(): Drop | null {
    return this.#drop;
  }
  /** The last minute and a half, the oldest first. */
  get rates(): readonly number[] {
    return this.#rates;
  }
  get problem(): Problem | null {
    return this.#problem;
  }
  /** What the server's clock says now. */
  get now(): number {
    return Date.now() + this.#offset;
  }

  /** Begins, and returns how to end. */
  watch(): () => void {
    this.#isOpen = true;
    document.addEventListener('visibilitychange', this.#look);
    this.#look();
    return () => {
      this.#isOpen = false;
      clearTimeout(this.#timer);
      document.removeEventListener('visibilitychange', this.#look);
    };
  }

  readonly #look = (): void => {
    clearTimeout(this.#timer);
    if (this.#isOpen && document.visibilityState === 'visible') void this.#ask();
  };

  async #ask(): Promise<void> {
    try {
      const drop = await ask(api.benefits[':id'].drop.$get({ param: { id: this.#id } }));
      this.#offset = Date.parse(drop.serverTime) - Date.now();
      this.#drop = drop;
      this.#rates = [...this.#rates, drop.claimsASecond].slice(-kept);
      this.#problem = null;
    } catch (thrown) {
      this.#problem = asProblem(thrown);
    }
    if (this.#isOpen) this.#timer = setTimeout(this.#look, everyMilliseconds);
  }
}
