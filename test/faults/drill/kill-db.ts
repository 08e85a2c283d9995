import { aimAt } from '../../support/postgres-processes.ts';
import { readDurability } from '../durability.ts';
import { openStage, type Stage } from '../stage.ts';
import type { Counters } from '../counters.ts';
import { summary } from '../summary.ts';
import type { DrillOptions, Report } from './report.ts';

const ordersARound = 520;
/** Nobody kills for the last ones of a round: something must be under way. */
const calmAtTheEnd = 60;

/** PostgreSQL and all its processes die under load, again and again, and what was answered stands (I4, I14). */
export async function killDb({ seed, rounds = 22 }: DrillOptions): Promise<Report> {
  const stage = await openStage({ seed, scarcePlaces: rounds * 40 });
  try {
    const counters = stage.counters();
    const durability = await readDurability(stage.url);
    const lost = durability.missing.map((name) => `${name} is not on`);
    let slowest = 0;
    for (let round = 0; round < rounds && lost.length === 0; round += 1) {
      slowest = Math.max(slowest, await killOnce(stage, counters));
      lost.push(...(await stage.findings()));
    }
    return {
      tried: [
        `PostgreSQL (${durability.said}) killed ${rounds} times under two API processes`,
        ...summary(stage, counters),
        `served again at the latest ${slowest.toFixed(2)} s after PostgreSQL was back`,
      ],
      lost,
    };
  } finally {
    await stage.close();
  }
}

/** One round of orders with a kill at a moment that the seed chose; seconds until somebody was served again. */
export async function killOnce(stage: Stage, counters: Counters): Promise<number> {
  const { book, cluster, random } = stage;
  const orders = await stage.orders(ordersARound);
  const first = book.answers + 1;
  const moment = first + random.below(ordersARound - calmAtTheEnd);
  const served = counters.serve(orders);
  // By then the processes have their connections.
  await book.reaches(first);
  const kill = await aimAt(cluster);
  await book.reaches(moment);
  await kill();
  const before = book.answers;
  await cluster.revive();
  const revived = performance.now();
  await Promise.race([book.reaches(before + 1), served]);
  const seconds = (performance.now() - revived) / 1000;
  await served;
  return seconds;
}
