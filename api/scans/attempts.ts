const attemptsMax = 5;
const windowMs = 60_000;
const callersMax = 10_000;

/**
 * Counts wrong short codes a caller, in this process: five in any minute, then none is looked at until the oldest is a
 * minute old. An attempt counts from its start, so that a volley of guesses is no way around it.
 */
export class AttemptLimiter {
  readonly #times = new Map<string, number[]>();

  /** Null when the attempt may go on, else the seconds to wait. */
  start(caller: string, nowMs = performance.now()): number | null {
    const times = this.#recent(caller, nowMs);
    const [oldest] = times;
    if (times.length >= attemptsMax && oldest !== undefined)
      return Math.ceil((oldest + windowMs - nowMs) / 1000);
    this.#keep(caller, [...times, nowMs]);
    return null;
  }

  /** The latest attempt was right: it does not count. */
  succeed(caller: string): void {
    this.#keep(caller, this.#times.get(caller)?.slice(0, -1) ?? []);
  }

  #recent(caller: string, nowMs: number): number[] {
    return (this.#times.get(caller) ?? []).filter((at) => at > nowMs - windowMs);
  }

  #keep(caller: string, times: number[]): void {
    this.#times.delete(caller);
    if (times.length > 0) this.#times.set(caller, times);
    // The one that tried longest ago makes room.
    const [first] = this.#times.keys();
    if (this.#times.size > callersMax && first !== undefined) this.#times.delete(first);
  }
}
