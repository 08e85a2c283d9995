import { api, ask } from '#lib/api.ts';
import { asProblem, type Problem } from '#lib/problem.ts';
import { cellOf, newId } from './redemption-id.ts';

/** The undoing of one use: its id is made once, so that trying again after a lost answer undoes it once. */
export class Undoing {
  #isBusy = $state(false);
  #problem = $state.raw<Problem | null>(null);
  readonly #redemption: string;
  readonly #id: string;

  constructor(redemption: string) {
    this.#redemption = redemption;
    this.#id = newId(cellOf(redemption));
  }

  get isBusy(): boolean {
    return this.#isBusy;
  }
  get problem(): Problem | null {
    return this.#problem;
  }

  /** Whether it is undone now. */
  async send(reason: string): Promise<boolean> {
    this.#isBusy = true;
    this.#problem = null;
    try {
      await ask(
        api.redemptions[':id'].reversal.$post({
          param: { id: this.#redemption },
          json: { id: this.#id, reason },
        }),
      );
      return true;
    } catch (thrown) {
      this.#problem = asProblem(thrown);
      return false;
    } finally {
      this.#isBusy = false;
    }
  }
}
