import { setTimeout as pause } from 'node:timers/promises';
import type { ApiProcess } from './api-process.ts';
import type { Book } from './book.ts';
import { type Order, put } from './put.ts';

export type CountersOptions = {
  apis: readonly ApiProcess[];
  cookie: string;
  book: Book;
  /** Counters at work at once. */
  width?: number;
  /** How often each order is sent side by side, at all processes in turn. */
  copies?: (order: Order) => number;
};

const patienceSeconds = 90;
const pauseMs = 40;

/**
 * Counters that do what the product's own do: keep an order under its id until it is answered, and send it again, by the
 * next way, when it was not. Each answer goes into the book.
 */
export class Counters {
  readonly #options: Required<CountersOptions>;
  /** Sendings that ended without an answer, by what came instead. */
  readonly unanswered = new Map<string, number>();
  #turn = 0;

  constructor(options: CountersOptions) {
    this.#options = { width: 24, copies: () => 1, ...options };
  }

  /** Ends when every order has its answer, or has waited for it beyond all patience. */
  async serve(orders: readonly Order[]): Promise<void> {
    const { width, copies } = this.#options;
    const waiting = orders.values();
    const work = async () => {
      for (const order of waiting) {
        await Promise.all(Array.from({ length: copies(order) }, () => this.#settle(order)));
      }
    };
    await Promise.all(Array.from({ length: width }, work));
  }

  async #settle(order: Order): Promise<void> {
    const { apis, book } = this.#options;
    const end = performance.now() + patienceSeconds * 1000;
    while (performance.now() < end) {
      const api = apis[this.#turn++ % apis.length];
      if (!api) throw new Error('There is nobody to ask.');
      const isAnswered = await this.#send(api, order).catch((error: unknown) => {
        this.#count(nameOf(error));
        return false;
      });
      if (isAnswered) return;
      await pause(pauseMs);
    }
    book.complain(`${order.id} got no answer in ${patienceSeconds} seconds`);
  }

  /** Whether this was an answer; trouble of the server is none. */
  async #send(api: ApiProcess, order: Order): Promise<boolean> {
    const { cookie, book } = this.#options;
    const answer = await put(api, cookie, order);
    if ('receipt' in answer) {
      book.accept(answer.receipt);
      return true;
    }
    const { status, code, retryAfter } = answer;
    if (status === 503 && retryAfter !== null) {
      this.#count(`${status} ${code}`);
      return false;
    }
    if (code === 'quota_exhausted') book.refuse(order.id, code);
    // Nothing that a drill does makes any other answer right.
    else book.complain(`${order.id} met ${status} ${code}`);
    return true;
  }

  #count(what: string): void {
    this.unanswered.set(what, (this.unanswered.get(what) ?? 0) + 1);
  }
}

/** A request that failed has its reason below it. */
function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return cause instanceof Error && 'code' in cause ? String(cause.code) : error.name;
}
