import { asProblem, type Problem } from '../problem.ts';

/** Something asked of the server: not here yet, here, or why not. An earlier question that answers late is not heard. */
export class Loaded<Value> {
  #value = $state.raw<Value | null>(null);
  #problem = $state.raw<Problem | null>(null);
  #isAsking = $state(false);
  #asked = 0;

  get value(): Value | null {
    return this.#value;
  }
  get problem(): Problem | null {
    return this.#problem;
  }
  get isAsking(): boolean {
    return this.#isAsking;
  }

  async ask(question: () => Promise<Value>): Promise<void> {
    const number = ++this.#asked;
    this.#isAsking = true;
    try {
      const value = await question();
      if (number !== this.#asked) return;
      this.#value = value;
      this.#problem = null;
    } catch (thrown) {
      if (number === this.#asked) this.#problem = asProblem(thrown);
    } finally {
      if (number === this.#asked) this.#isAsking = false;
    }
  }
}
