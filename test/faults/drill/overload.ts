import { quantile } from '../../bench/figure.ts';
import { flood, type Flooded } from '../flood.ts';
import type { Order } from '../put.ts';
import { openStage, type Stage } from '../stage.ts';
import { type DrillOptions, type Report, thousands } from './report.ts';

const secondsMost = 8;
const times = 3;
const calmPerSecond = 40;
/** Enough for a while of the rush: then it is sold out. */
const scarcePlaces = 5_000;
const capacityOrders = 2_000;
/** So many that a slow machine, too, has to turn some away. */
const rushLeast = 1_500;
const crowdWidth = 128;

/**
 * Three times what one process can do on one benefit, for some seconds, while another benefit is redeemed as ever: the rush
 * hears 503 in time, nothing is half done, and the other benefit goes on (I21).
 */
export async function overload({ seed, rounds = secondsMost }: DrillOptions): Promise<Report> {
  const stage = await openStage({ seed, apis: 1, scarcePlaces });
  try {
    const capacity = await findCapacity(stage);
    const calm = () => ordersOf(stage, stage.offer.plenty[0], calmPerSecond * rounds);
    const quiet = await run(stage, await calm(), calmPerSecond);
    const pace = times * capacity;
    const rush = await ordersOf(
      stage,
      stage.offer.scarce,
      Math.max(rushLeast, Math.ceil(pace * rounds)),
    );
    const others = await calm();
    const [hot, beside] = await Promise.all([
      run(stage, rush, pace),
      run(stage, others, calmPerSecond),
    ]);
    return {
      tried: [
        `${thousands(Math.round(capacity))} redemptions/s are all that one process does of one benefit`,
        `${thousands(rush.length)} came at ${thousands(Math.round(pace))}/s: ${told(hot)}`,
        `another benefit at ${calmPerSecond}/s, alone: ${told(quiet)}`,
        `the same beside the rush: ${told(beside)}`,
      ],
      lost: [...(await stage.findings()), ...complaints(hot, beside)],
    };
  } finally {
    await stage.close();
  }
}

/** As fast as one process answers when always so many stand before it. */
async function findCapacity(stage: Stage): Promise<number> {
  const crowd = async (count: number) => {
    const orders = await ordersOf(stage, stage.offer.plenty[1], count);
    const start = performance.now();
    await run(stage, orders, Infinity, crowdWidth);
    return (count * 1000) / (performance.now() - start);
  };
  await crowd(capacityOrders / 2);
  return crowd(capacityOrders);
}

function ordersOf({ till }: Stage, benefit: number | undefined, count: number): Promise<Order[]> {
  if (benefit === undefined) throw new RangeError('The offer is too small.');
  return till.order(Array.from({ length: count }, () => benefit));
}

function run(
  { apis, till, book }: Stage,
  orders: Order[],
  perSecond: number,
  width?: number,
): Promise<Flooded> {
  const [api] = apis;
  if (!api) throw new Error('There is nobody to ask.');
  const caller = { origin: api.url, cookie: till.cookie };
  return flood({ caller, book, orders, perSecond, ...(width && { width }) });
}

/** Every answer with its share and its slowest hundredth. */
function told(flooded: Flooded): string {
  const total = [...flooded.values()].reduce((sum, { length }) => sum + length, 0);
  return [...flooded]
    .toSorted(([a], [b]) => a.localeCompare(b))
    .map(([name, took]) => {
      const share = ((took.length * 100) / total).toFixed(1);
      return `${share} % ${name} (p50 ${ms(took, 0.5)}, p99 ${ms(took, 0.99)})`;
    })
    .join(', ');
}

const ms = (took: readonly number[], share: number) => `${quantile(took, share).toFixed(1)} ms`;

function complaints(hot: Flooded, beside: Flooded): string[] {
  const turnedAway = hot.get('503 busy')?.length ?? 0;
  const others = [...beside.keys()].filter((name) => name !== '201');
  return [
    ...(turnedAway === 0 ? ['nobody was told to come back later: it was no overload'] : []),
    ...others.map((name) => `who wanted another benefit heard ${name}`),
  ];
}
