import { openStage } from '../stage.ts';
import { summary } from '../summary.ts';
import { type DrillOptions, type Report } from './report.ts';

const ordersARound = 400;
const calmAtTheEnd = 60;

/** Of two API processes on one database one dies under load, again and again; its counters go to the other (I4, I7). */
export async function killApi({ seed, rounds = 20 }: DrillOptions): Promise<Report> {
  const stage = await openStage({ seed, scarcePlaces: rounds * 25 });
  const { apis, book, random } = stage;
  const counters = stage.counters();
  const lost: string[] = [];
  try {
    for (let round = 0; round < rounds && lost.length === 0; round += 1) {
      const victim = apis[round % apis.length];
      const orders = await stage.orders(ordersARound);
      const moment = book.answers + 1 + random.below(ordersARound - calmAtTheEnd);
      const served = counters.serve(orders);
      await book.reaches(moment);
      await victim?.kill();
      await Promise.all([victim?.startAgain(), served]);
      lost.push(...(await stage.findings()));
    }
    return {
      tried: [`one of two API processes killed ${rounds} times`, ...summary(stage, counters)],
      lost,
    };
  } finally {
    await stage.close();
  }
}
