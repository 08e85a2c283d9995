type Lane<T> = { waiting: T[]; isTaken: boolean };

/**
 * A queue for each key. A lane that could fill a whole batch goes by itself; all others share one, an item each turn, so that
 * nobody waits for the work of somebody else's rush. Where both kinds wait they go turn about. A lane is under way until
 * its takers say that it is free.
 */
export class Lanes<T> {
  readonly #lanes = new Map<number, Lane<T>>();
  #total = 0;
  #isLongNext = false;

  /** How many wait in all lanes together. */
  get total(): number {
    return this.#total;
  }

  /** The first one first. */
  waiting(key: number): readonly T[] {
    return this.#lanes.get(key)?.waiting ?? [];
  }

  add(key: number, one: T): void {
    const lane = this.#lanes.get(key) ?? { waiting: [], isTaken: false };
    lane.waiting.push(one);
    this.#lanes.set(key, lane);
    this.#total += 1;
  }

  /** At most so many. Who was served goes to the end, for when there are more lanes than places. */
  take(countMax: number): { taken: T[]; free: () => void } {
    const lanes = this.#pick(countMax);
    const counts = shares(
      lanes.map(([, { waiting }]) => waiting.length),
      countMax,
    );
    const taken = lanes.flatMap(([key, lane], i) => {
      lane.isTaken = true;
      this.#lanes.delete(key);
      this.#lanes.set(key, lane);
      return lane.waiting.splice(0, counts[i]);
    });
    this.#total -= taken.length;
    const free = () => {
      for (const [key, lane] of lanes) {
        lane.isTaken = false;
        if (lane.waiting.length === 0) this.#lanes.delete(key);
      }
    };
    return { taken, free };
  }

  #pick(countMax: number): [number, Lane<T>][] {
    const free = [...this.#lanes].filter(([, lane]) => !lane.isTaken && lane.waiting.length > 0);
    const isLong = ([, { waiting }]: [number, Lane<T>]) => waiting.length >= countMax;
    const long = free.filter(isLong).slice(0, 1);
    const short = free.filter((lane) => !isLong(lane)).slice(0, countMax);
    const isLongsTurn = short.length === 0 || (long.length > 0 && this.#isLongNext);
    if (free.length > 0) this.#isLongNext = !isLongsTurn;
    return isLongsTurn ? long : short;
  }
}

/** Deals out so many places, one each turn to every lane that still wants one. */
function shares(wants: readonly number[], places: number): number[] {
  const given = wants.map(() => 0);
  let left = places;
  let isWanted = true;
  while (left > 0 && isWanted) {
    isWanted = false;
    for (const [i, want] of wants.entries()) {
      const has = given[i] ?? 0;
      if (left === 0 || has >= want) continue;
      given[i] = has + 1;
      left -= 1;
      isWanted = true;
    }
  }
  return given;
}
