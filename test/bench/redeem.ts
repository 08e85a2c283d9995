import { redeemItems, type Item } from '../../api/redemptions/queries.ts';
import { idIn } from '../support/city.ts';
import { bareWrite, coldPools, writeBare } from './bare-writes.ts';
import { figure, median } from './figure.ts';
import type { Ground } from './ground.ts';
import { Load, type Order } from './load.ts';
import { openTill, Passes, type Till } from './till.ts';

const rounds = 3;
const roundSeconds = 2.5;
const writers = 8;
const ordersAtOnce = 320;
const requestsAtOnce = 32;
const batchSize = 50;

/**
 * What correctness costs: redemptions a second over HTTP, and by redeem() alone, against the bare writes that each of
 * them ends in. All take turns in the same run on the same tables, so that the ratios mean something on any machine.
 */
export async function redeem(ground: Ground): Promise<void> {
  const { sql } = ground;
  const server = await ground.serve();
  const till = await openTill(sql, server.config);
  const passes = new Passes(sql, server.config, till.holders);
  const cold = await coldPools(sql, till);
  const pickHolder = takeTurns(till.holders);
  const bare = (size: number) =>
    rate(size, (i) => {
      const pool = cold[i % cold.length];
      if (!pool) throw new Error('There is no counter to write to.');
      const rows = Array.from({ length: size }, () => bareWrite(till, pool, pickHolder()));
      return writeBare(sql, rows);
    });
  const judged = (size: number) =>
    rate(size, async (i) => {
      const items = await makeItems(passes, till, size, i);
      const outcomes = await redeemItems(sql, items);
      const refused = outcomes.find(({ outcome }) => outcome !== 'accepted');
      if (refused) throw new Error(`redeem() answered ${refused.outcome}.`);
    });
  const load = new Load({
    origin: server.config.origin,
    cookie: till.cookie,
    outlet: till.outlet,
    width: requestsAtOnce,
  });
  const overHttp = async (isScanned: boolean) => {
    let seconds = 0;
    let done = 0;
    while (seconds < roundSeconds) {
      const orders = await makeOrders(passes, till, isScanned);
      seconds += await load.send(orders);
      done += orders.length;
    }
    return done / seconds;
  };
  const kinds = {
    bareOne: () => bare(1),
    redeemOne: () => judged(1),
    ticket: () => overHttp(false),
    scan: () => overHttp(true),
    bareMany: () => bare(batchSize),
    redeemMany: () => judged(batchSize),
  };
  const found: Record<string, number[]> = {};
  try {
    // The first round warms everything up and does not count.
    for (let round = 0; round <= rounds; round += 1) {
      for (const [name, run] of Object.entries(kinds)) {
        const perSecond = await run();
        if (round > 0) (found[name] ??= []).push(perSecond);
      }
    }
  } finally {
    await load.close();
    await server.stop();
  }
  const contradictions = await sql`select * from consistency()`;
  if (contradictions.length > 0) throw new Error('The figures are of a broken ledger.');
  const of = (name: keyof typeof kinds) => median(found[name] ?? []);
  figure('redeem-bare-writes', of('bareOne'), 'redemptions/s');
  figure('redeem-bare-writes-by-50', of('bareMany'), 'redemptions/s');
  figure('redeem-function', of('redeemOne'), 'redemptions/s');
  figure('redeem-function-by-50', of('redeemMany'), 'redemptions/s');
  figure('redeem-http', of('ticket'), 'redemptions/s');
  figure('redeem-http-with-scan', of('scan'), 'redemptions/s');
  figure('redeem-http-to-bare', of('ticket') / of('bareOne'), 'ratio');
  figure('redeem-function-to-bare', of('redeemOne') / of('bareOne'), 'ratio');
  figure('redeem-function-to-bare-by-50', of('redeemMany') / of('bareMany'), 'ratio');
}

/** Things done a second by several writers at once, each calling `work` again and again. */
async function rate(size: number, work: (writer: number) => Promise<void>): Promise<number> {
  const start = performance.now();
  const end = start + roundSeconds * 1000;
  let done = 0;
  const walk = async (writer: number): Promise<void> => {
    while (performance.now() < end) {
      await work(writer);
      done += size;
    }
  };
  await Promise.all(Array.from({ length: writers }, (_, writer) => walk(writer)));
  return done / ((performance.now() - start) / 1000);
}

async function makeItems(
  passes: Passes,
  till: Till,
  size: number,
  writer: number,
): Promise<Item[]> {
  const benefit = till.benefits[writer % till.benefits.length] ?? 0;
  const now = Date.now();
  const scannedAt = new Date(now).toISOString();
  const scanValidUntil = new Date(now + 300_000).toISOString();
  const by = { outlet: till.outlet, user: till.userId, sessionAt: scannedAt };
  const items: Item[] = [];
  for (let i = 0; i < size; i += 1) {
    const { holder, claims } = await passes.claim();
    const { cell } = holder;
    const id = idIn(cell);
    items.push({ ...claims, ...by, id, cell, benefit, quantity: 1, scannedAt, scanValidUntil });
  }
  return items;
}

async function makeOrders(passes: Passes, till: Till, isScanned: boolean): Promise<Order[]> {
  const orders: Order[] = [];
  for (let i = 0; i < ordersAtOnce; i += 1) {
    const { holder, claims } = await passes.claim();
    const benefit = till.benefits[i % till.benefits.length] ?? 0;
    const proof = isScanned
      ? { pass: await passes.show(claims) }
      : { ticket: await passes.ticket(claims, till) };
    orders.push({ id: idIn(holder.cell), benefit, ...proof });
  }
  return orders;
}

function takeTurns<T>(list: readonly T[]): () => T {
  let next = 0;
  return () => {
    const found = list[next++ % list.length];
    if (found === undefined) throw new Error('There is nobody.');
    return found;
  };
}
