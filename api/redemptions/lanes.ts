type Lane<T> = { waiting: T[]; isTaken: boolean };

/**
 * A queue for each key. Taking goes round all lanes that are not under way already, one item each turn, so that a short lane
 * is served in full beside a long one; a lane is under way until its takers say that it is free.
 */
export class Lanes<T> {
  readonly #lanes = new Map<number, Lane<T>>();
  #total = 0;

  /** How many wait in all lanes together. */
  get total(): number {
    return this.#total;
  }

  waiting(key: number): number {
    return this.#lanes.get(key)?.waiting.length ?? 0;
  }

  add(key: number, one: T): void {
    const lane = this.#lanes.get(key) ?? { waiting: [], isTaken: false };
    lane.waiting.push(one);
    this.#lanes.set(key, lane);
    this.#total += 1;
  }

  /** At most so many. Who was served goes to the end, for when there are more lanes than places. */
  take(countMax: number): { taken: T[]; free: () => void } {
    const lanes = [...this.#lanes].filter(([, { isTaken }]) => !isTaken).slice(0, countMax);
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
