import { idIn } from '../support/city.ts';
import { Apart, type ApartOptions } from './apart.ts';
import type { Ground } from './ground.ts';
import { Load, type Order } from './load.ts';
import type { Passes, Till } from './till.ts';
import type { Round } from './turns.ts';

const ordersEach = 8;

export type Wish = {
  /** Connections, each with one request under way. */
  width: number;
  /** By turns; one of them is a rush. */
  benefits: readonly number[];
  /** From the pass: scanned first, then redeemed. */
  isScanned?: boolean;
};

/** A server in a process of its own and the people who queue before it. */
export class Desk {
  readonly server: Apart;
  readonly #load: Load;
  readonly #passes: Passes;
  readonly #till: Till;

  private constructor(server: Apart, load: Load, passes: Passes, till: Till) {
    this.server = server;
    this.#load = load;
    this.#passes = passes;
    this.#till = till;
  }

  static async open(
    ground: Ground,
    passes: Passes,
    till: Till,
    options?: ApartOptions,
  ): Promise<Desk> {
    const server = await Apart.start(ground, options);
    const { cookie, outlet } = till;
    return new Desk(server, new Load({ origin: server.url, cookie, outlet }), passes, till);
  }

  /** Redeems over HTTP for about so many seconds; making the orders does not count. */
  async redeem(seconds: number, wish: Wish): Promise<Round> {
    const milliseconds: number[] = [];
    let taken = 0;
    while (taken < seconds) {
      const sent = await this.#load.send(await this.#order(wish), wish.width);
      taken += sent.seconds;
      milliseconds.push(...sent.milliseconds);
    }
    return { perSecond: milliseconds.length / taken, milliseconds };
  }

  async close(): Promise<void> {
    await this.#load.close();
    await this.server.stop();
  }

  async #order({ width, benefits, isScanned = false }: Wish): Promise<Order[]> {
    const orders: Order[] = [];
    for (let i = 0; i < ordersEach * width; i += 1) {
      const { holder, claims } = await this.#passes.claim();
      const proof = isScanned
        ? { pass: await this.#passes.show(claims) }
        : { ticket: await this.#passes.ticket(claims, this.#till) };
      orders.push({ id: idIn(holder.cell), benefit: benefits[i % benefits.length] ?? 0, ...proof });
    }
    return orders;
  }
}
