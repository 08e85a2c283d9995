/** One thing a person asked for: under way, or failed, or neither. A second tap waits for the first. */
export class Attempt {
  #busy = $state(false);
  #failure = $state.raw<unknown>();

  get busy(): boolean {
    return this.#busy;
  }
  /** What was thrown last, for `inWords`; undefined when nothing was. */
  get failure(): unknown {
    return this.#failure;
  }

  async run(work: () => Promise<void>): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    this.#failure = undefined;
    try {
      await work();
    } catch (thrown) {
      this.#failure = thrown ?? new Error('Nothing was thrown.');
    } finally {
      this.#busy = false;
    }
  }

  forgive(): void {
    this.#failure = undefined;
  }
}
