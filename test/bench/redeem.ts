import { redeemItems } from '../../api/redemptions/queries.ts';
import { connect } from '../../db/client.ts';
import { bareWrite, coldPools, writeBare } from './bare-writes.ts';
import { fillCity } from './crowd.ts';
import { Desk } from './desk.ts';
import { figure, print } from './figure.ts';
import type { Ground } from './ground.ts';
import { againstNaive } from './redeem-naive.ts';
import { openTill, Passes, type Till } from './till.ts';
import { bestOf, type Found, inTurns, type Kinds, rate } from './turns.ts';

const roundSeconds = 2;
const batchSize = 50;
const megabytesMax = 250;

/**
 * What correctness costs: redemptions a second over HTTP, and by redeem() alone, against the bare writes that each of
 * them ends in, each with the best concurrency of a small sweep. All take turns in the same run on the same tables, so
 * that the ratios mean something on any machine. The server is a process of its own, its client a thread of this one.
 */
export async function redeem(ground: Ground): Promise<void> {
  await fillCity(ground.sql);
  const till = await openTill(ground.sql, ground.config);
  const passes = new Passes(ground.sql, ground.config, till.holders);
  const gathered = await Desk.open(ground, passes, till);
  const plain = await Desk.open(ground, passes, till, { isGathered: false });
  try {
    await againstBare(ground, till, passes, { gathered, plain });
    // Before the profile, which is kept in the same memory.
    const { megabytesMax: used } = await gathered.server.report();
    figure('redeem-memory', used, 'MB', { atMost: megabytesMax });
    await tellProfile(gathered, till);
  } finally {
    await gathered.close();
    await plain.close();
  }
  await againstNaive(ground, till, passes);
  const contradictions = await ground.sql`select * from consistency()`;
  if (contradictions.length > 0) throw new Error('The figures are of a broken ledger.');
}

type Desks = { gathered: Desk; plain: Desk };

async function againstBare(
  ground: Ground,
  till: Till,
  passes: Passes,
  { gathered, plain }: Desks,
): Promise<void> {
  const { benefits, rush } = till;
  const sql = connect(ground.url, { max: 16 });
  const cold = await coldPools(sql, till);
  const pickHolder = takeTurns(till.holders);
  const bare = (size: number) => (writer: number) => {
    const pool = cold[writer % cold.length];
    if (!pool) throw new Error('There is no counter to write to.');
    return writeBare(
      sql,
      Array.from({ length: size }, () => bareWrite(till, pool, pickHolder())),
    );
  };
  const judged = (size: number) => async (writer: number) => {
    const benefit = benefits[writer % benefits.length] ?? 0;
    const outcomes = await redeemItems(sql, await passes.items(till, benefit, size));
    const refused = outcomes.find(({ outcome }) => outcome !== 'accepted');
    if (refused) throw new Error(`redeem() answered ${refused.outcome}.`);
  };
  const kinds: Kinds = new Map();
  for (const writers of [4, 8, 16])
    kinds.set(`bare by ${writers}`, () => rate(roundSeconds, writers, 1, bare(1)));
  for (const writers of [4, 8])
    kinds.set(`function by ${writers}`, () => rate(roundSeconds, writers, 1, judged(1)));
  kinds.set('bare-50 by 4', () => rate(roundSeconds, 4, batchSize, bare(batchSize)));
  kinds.set('function-50 by 4', () => rate(roundSeconds, 4, batchSize, judged(batchSize)));
  for (const width of [64, 128, 256])
    kinds.set(`http by ${width}`, () => gathered.redeem(roundSeconds, { width, benefits }));
  for (const width of [16, 32])
    kinds.set(`plain by ${width}`, () => plain.redeem(roundSeconds, { width, benefits }));
  kinds.set('rush by 128', () => gathered.redeem(roundSeconds, { width: 128, benefits: [rush] }));
  kinds.set('plain-rush by 16', () => plain.redeem(roundSeconds, { width: 16, benefits: [rush] }));
  kinds.set('scan by 64', () =>
    gathered.redeem(roundSeconds, { width: 64, benefits, isScanned: true }),
  );
  const found = await inTurns(kinds);
  await sql.end();
  tell(found);
}

function tell(found: ReadonlyMap<string, Found>): void {
  const names: [kind: string, said: string][] = [
    ['bare', 'bare-writes'],
    ['bare-50', 'bare-writes-by-50'],
    ['function', 'function'],
    ['function-50', 'function-by-50'],
    ['http', 'http'],
    ['rush', 'http-one-counter'],
    ['plain', 'http-unbatched'],
    ['plain-rush', 'http-unbatched-one-counter'],
    ['scan', 'http-with-scan'],
  ];
  for (const [kind, said] of names) {
    const { perSecond, p50, p99, width } = bestOf(found, kind);
    figure(`redeem-${said}`, perSecond, `redemptions/s at ${width} at once`);
    figure(`redeem-${said}-p50`, p50, 'ms');
    figure(`redeem-${said}-p99`, p99, 'ms');
  }
  const ratio = (one: string, other: string) =>
    bestOf(found, one).perSecond / bestOf(found, other).perSecond;
  figure('redeem-http-to-bare', ratio('http', 'bare'), 'ratio', { atLeast: 0.7 });
  figure('redeem-http-one-counter-to-bare', ratio('rush', 'bare'), 'ratio');
  figure('redeem-http-unbatched-to-bare', ratio('plain', 'bare'), 'ratio');
  figure('redeem-function-to-bare', ratio('function', 'bare'), 'ratio');
  figure('redeem-function-to-bare-by-50', ratio('function-50', 'bare-50'), 'ratio');
}

/** Where the server's time goes: sampled in its own process while it is busy. */
async function tellProfile(desk: Desk, { benefits }: Till): Promise<void> {
  const before = await desk.server.report();
  await desk.server.startProfile();
  const { milliseconds } = await desk.redeem(2 * roundSeconds, { width: 128, benefits });
  const { profile, cpuSeconds } = await desk.server.report();
  const each = ((cpuSeconds - before.cpuSeconds) * 1000) / milliseconds.length;
  figure('redeem-server-time', each, 'ms of processor a redemption');
  for (const { area, share } of profile ?? [])
    print(`bench redeem-profile ${(share * 100).toFixed(1).padStart(5)} % ${area}`);
}

function takeTurns<T>(list: readonly T[]): () => T {
  let next = 0;
  return () => {
    const found = list[next++ % list.length];
    if (found === undefined) throw new Error('There is nobody.');
    return found;
  };
}
