import { Loaded } from '#lib/console/loaded.svelte.ts';
import type { Problem } from '#lib/problem.ts';

const everyMilliseconds = 5000;

/** What changes while one looks at it: asked again every five seconds, and not while the page is hidden. */
export class Polled<Value> {
  readonly #loaded = new Loaded<Value>();
  #at = $state<number | null>(null);
  #question: (() => Promise<Value>) | null = null;

  get value(): Value | null {
    return this.#loaded.value;
  }
  get problem(): Problem | null {
    return this.#loaded.problem;
  }
  /** When the value was told; null before there is one. */
  get at(): number | null {
    return this.#at;
  }

  async look(): Promise<void> {
    const question = this.#question;
    if (question === null) return;
    await this.#loaded.ask(question);
    if (this.#loaded.problem === null) this.#at = Date.now();
  }

  /** Asks this from now on; returns how to stop. */
  start(question: () => Promise<Value>): () => void {
    this.#question = question;
    const lookIfSeen = (): void => {
      if (document.visibilityState === 'visible') void this.look();
    };
    void this.look();
    const timer = setInterval(lookIfSeen, everyMilliseconds);
    document.addEventListener('visibilitychange', lookIfSeen);
    return () => {
      clearInterval(timer);
      document.removeEventListener('visibilitychange', lookIfSeen);
    };
  }
}
