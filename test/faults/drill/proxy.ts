import { createRandom } from '../../../db/seed/random.ts';
import { openFaultProxy } from '../../support/fault-proxy.ts';
import type { Order } from '../put.ts';
import { Fates } from '../fates.ts';
import { openStage } from '../stage.ts';
import { summary } from '../summary.ts';
import { type DrillOptions, type Report, thousands } from './report.ts';

const ordersARound = 300;
/** A silence costs its process half a minute. */
const roundsASilence = 5;
const copiesMax = 3;
const copiesOfOne = 50;

/**
 * A bad network between the API and PostgreSQL, and an impatient one before it: statements are cut off before and after
 * their commit, delayed, or swallowed for good, and every order arrives two or three times at both processes, one of
 * them fifty times (I5, I14).
 */
export async function proxy({ seed, rounds = 10 }: DrillOptions): Promise<Report> {
  const fates = new Fates(createRandom(seed), Math.floor(rounds / roundsASilence));
  const stage = await openStage({
    seed,
    scarcePlaces: rounds * 20,
    through: (url) => openFaultProxy(url, (statement) => fates.draw(statement)),
  });
  const { apis, book, random } = stage;
  const lost: string[] = [];
  try {
    let fifty: Order | undefined;
    const copies = (order: Order) =>
      order === fifty ? copiesOfOne : 2 + random.below(copiesMax - 1);
    const counters = stage.counters({ copies });
    for (let round = 0; round < rounds && lost.length === 0; round += 1) {
      const orders = await stage.orders(ordersARound);
      fifty = orders[random.below(orders.length)];
      await counters.serve(orders);
      lost.push(...(await stage.findings()));
    }
    return {
      tried: [
        `${thousands(book.answers)} answers for ${thousands(book.count)} redemptions at ${apis.length} processes`,
        `redeem() met: ${fates.said}`,
        ...summary(stage, counters),
      ],
      lost,
    };
  } finally {
    await stage.close();
  }
}
