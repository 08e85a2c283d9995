import { Problem } from '../errors.ts';
import { Lanes } from './lanes.ts';

type Waiting<Item, Outcome> = {
  item: Item;
  sinceMs: number;
  resolve: (outcome: Outcome) => void;
  reject: (reason: unknown) => void;
};

/** All items in one statement, each with its own outcome or error. */
type Send<Item, Outcome> = (items: readonly Item[]) => Promise<PromiseSettledResult<Outcome>[]>;

export type BatcherOptions = {
  /** Statements under way at once: one a processor, as more are only smaller, and two, as one may wait for a lock. */
  statementsMax?: number;
  itemsMax?: number;
  /** Beyond so many waiting for one benefit, or for all of them, a caller had better come back later. */
  laneMax?: number;
  waitingMax?: number;
  /** Nor while the first in the lane has waited for longer: who is taken is answered in bounded time. */
  waitMsMax?: number;
  elapsedMs?: () => number;
};

const rushMs = 1000;

/**
 * Gathers what arrives while statements are under way into the next one: one commit for many (decision 6). Nobody waits
 * while the database is free, so a lone item is as fast as without it. Each benefit has a lane of its own, so that a
 * rush on one keeps no other waiting (I21).
 */
export class Batcher<Item extends { benefit: number }, Outcome> {
  readonly #send: Send<Item, Outcome>;
  readonly #limits: Required<BatcherOptions>;
  readonly #lanes = new Lanes<Waiting<Item, Outcome>>();
  #underWay = 0;
  #refusedAtMs = -Infinity;

  constructor(send: Send<Item, Outcome>, options: BatcherOptions = {}) {
    this.#send = send;
    this.#limits = {
      statementsMax: 2,
      itemsMax: 50,
      laneMax: 500,
      waitingMax: 2000,
      waitMsMax: 1000,
      elapsedMs: () => performance.now(),
      ...options,
    };
  }

  /** Whether one more of this benefit would be taken: to be asked before a request has cost anything. */
  hasRoom(benefit: number): boolean {
    const { laneMax, waitingMax, waitMsMax, elapsedMs } = this.#limits;
    const nowMs = elapsedMs();
    const lane = this.#lanes.waiting(benefit);
    const waitedMs = nowMs - (lane[0]?.sinceMs ?? Infinity);
    const hasRoom =
      lane.length < laneMax && this.#lanes.total < waitingMax && waitedMs <= waitMsMax;
    if (!hasRoom) this.#refusedAtMs = nowMs;
    return hasRoom;
  }

  /** Whether somebody was turned away just now. */
  get isRushed(): boolean {
    return this.#limits.elapsedMs() - this.#refusedAtMs < rushMs;
  }

  /** Throws `busy` where there is no room. */
  admit(benefit: number): void {
    if (!this.hasRoom(benefit)) throw new Problem('busy', {}, { 'Retry-After': '1' });
  }

  async add(item: Item): Promise<Outcome> {
    this.admit(item.benefit);
    return new Promise((resolve, reject) => {
      this.#lanes.add(item.benefit, {
        item,
        sinceMs: this.#limits.elapsedMs(),
        resolve,
        reject,
      });
      this.#next();
    });
  }

  #next(): void {
    if (this.#underWay >= this.#limits.statementsMax) return;
    const { taken, free } = this.#lanes.take(this.#limits.itemsMax);
    if (taken.length === 0) return;
    this.#underWay += 1;
    void this.#serve(taken).finally(() => {
      this.#underWay -= 1;
      free();
      this.#next();
    });
  }

  async #serve(batch: Waiting<Item, Outcome>[]): Promise<void> {
    const answers = await this.#send(batch.map(({ item }) => item));
    for (const [i, { resolve, reject }] of batch.entries()) {
      const answer = answers[i];
      if (answer?.status === 'fulfilled') resolve(answer.value);
      else reject(answer?.reason);
    }
  }
}
