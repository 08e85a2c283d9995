export const repeatIgnoredMilliseconds = 3000;

/** A code stays in view longer than it takes to read it: the same one again within three seconds is no new scan. */
export class Repeats {
  #text = '';
  #until = 0;

  /** Whether this reading is news at `now`; if so, the same text is not for three seconds. */
  isNews(text: string, now: number): boolean {
    if (text === this.#text && now < this.#until) return false;
    this.#text = text;
    this.#until = now + repeatIgnoredMilliseconds;
    return true;
  }

  /** The phone just scanned is likely still in view when the next scan begins. */
  restart(now: number): void {
    this.#until = now + repeatIgnoredMilliseconds;
  }
}
