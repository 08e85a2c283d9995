import type { Sql } from '../../db/client.ts';
import { Problem } from '../errors.ts';
import type { Item, Outcome } from './queries.ts';
import { redeem } from './redeem.ts';

type Waiting = {
  item: Item;
  resolve: (outcome: Outcome) => void;
  reject: (reason: unknown) => void;
};

export type BatcherOptions = {
  /** Statements under way at once. More of them only wait for each other's locks. */
  statementsMax?: number;
  itemsMax?: number;
  /** Beyond this many waiting a caller had better come back later. */
  waitingMax?: number;
};

/**
 * Gathers what arrives while statements are under way into the next one: one commit for many (decision 6). Nobody waits
 * while the database is free, so a lone redemption is as fast as without it.
 */
export class Batcher {
  readonly #sql: Sql;
  readonly #limits: Required<BatcherOptions>;
  #waiting: Waiting[] = [];
  #underWay = 0;

  constructor(sql: Sql, options: BatcherOptions = {}) {
    this.#sql = sql;
    this.#limits = { statementsMax: 2, itemsMax: 50, waitingMax: 2000, ...options };
  }

  redeem(item: Item): Promise<Outcome> {
    if (this.#waiting.length >= this.#limits.waitingMax)
      return Promise.reject(new Problem('busy', {}, { 'Retry-After': '1' }));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ item, resolve, reject });
      this.#next();
    });
  }

  #next(): void {
    if (this.#underWay >= this.#limits.statementsMax || this.#waiting.length === 0) return;
    const batch = this.#waiting.splice(0, this.#limits.itemsMax);
    this.#underWay += 1;
    void this.#send(batch).finally(() => {
      this.#underWay -= 1;
      this.#next();
    });
  }

  async #send(batch: Waiting[]): Promise<void> {
    const items = batch.map(({ item }) => item);
    const answers = await redeem(this.#sql, items);
    for (const [i, { resolve, reject }] of batch.entries()) {
      const answer = answers[i];
      if (answer?.status === 'fulfilled') resolve(answer.value);
      else reject(answer?.reason);
    }
  }
}
