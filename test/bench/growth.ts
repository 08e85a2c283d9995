import { parseArgs } from 'node:util';
import { readCatalogue } from '../../api/benefits/catalogue-queries.ts';
import { redeemItems } from '../../api/redemptions/queries.ts';
import { preview } from '../../api/scans/queries.ts';
import type { Sql } from '../../db/client.ts';
import { writeBare } from './bare-writes.ts';
import type { Size } from './crowd.ts';
import { figure, median, quantile } from './figure.ts';
import { openPlaces, type Place } from './growth-ground.ts';
import { bareWriteOf, claimsOf, drawVisits, itemOf, type Visit } from './visits.ts';

type Call = () => Promise<unknown>;

/** Calls in a round, the visits that each takes, and what is ready to be timed. */
type Kind = {
  calls: number;
  visits: number;
  prepare: (sql: Sql, visits: readonly Visit[]) => Call;
};

const small: Size = { members: 50_000, redemptions: 500_000 };
const largerDefault = 500_000;
const rounds = 5;
const batchSize = 50;

const kinds: Record<string, Kind> = {
  redeem: { calls: 200, visits: 1, prepare: redeem },
  'redeem-by-50': { calls: 24, visits: batchSize, prepare: redeem },
  'bare-writes': { calls: 200, visits: 1, prepare: write },
  'bare-writes-by-50': { calls: 24, visits: batchSize, prepare: write },
  preview: { calls: 100, visits: 1, prepare: scan },
  catalogue: { calls: 40, visits: 1, prepare: look },
};

/**
 * `npm run bench growth -- [--members 500000] [--redemptions 5000000] [--folder F]`: the same calls in a city of 50,000
 * with 500,000 redemptions and in a larger one, one at a time and in turns, each of members drawn by lot. What was filled
 * in F stays there for the next time.
 */
export async function growth(args: string[]): Promise<void> {
  const option = { type: 'string' } as const;
  const { values } = parseArgs({
    args,
    options: { members: option, redemptions: option, folder: option },
  });
  const members = Number(values.members ?? largerDefault);
  const large = { members, redemptions: Number(values.redemptions ?? 10 * members) };
  const { places, close } = await openPlaces([small, large], values.folder);
  try {
    for (const [name, kind] of Object.entries(kinds)) await compare(name, kind, places);
    for (const place of places) await tellSizes(place);
    const [smallest] = places;
    if (smallest) await assertSound(smallest);
    figure('growth-caller-memory', process.memoryUsage.rss() / 2 ** 20, 'MB');
  } finally {
    await close();
  }
}

async function compare(name: string, kind: Kind, places: readonly Place[]): Promise<void> {
  const sides = places.map((place) => ({ place, times: new Array<number>() }));
  // The first round warms everything up and does not count.
  for (let round = 0; round <= rounds; round += 1) {
    const queues = new Map<Place, Call[]>();
    for (const place of places) queues.set(place, await prepare(kind, place));
    for (let i = 0; i < kind.calls; i += 1) {
      // Neither of them is always the second.
      for (const { place, times } of i % 2 === 0 ? sides : sides.toReversed()) {
        const call = queues.get(place)?.pop();
        const start = performance.now();
        await call?.();
        if (round > 0) times.push(performance.now() - start);
      }
    }
  }
  const medians = sides.map(({ place, times }) => {
    const of = `growth-${name}-of-${place.size.members}`;
    figure(`${of}-p50`, median(times), 'ms');
    figure(`${of}-p99`, quantile(times, 0.99), 'ms');
    return median(times);
  });
  const [before = 0, after = 0] = medians;
  const goal = name.startsWith('redeem') ? { atMost: 1.3 } : undefined;
  figure(`growth-${name}`, after / before, 'ratio', goal);
}

async function prepare({ calls, visits, prepare }: Kind, { sql, size }: Place): Promise<Call[]> {
  const drawn = await drawVisits(sql, size.members, calls * visits);
  return Array.from({ length: calls }, (_, i) =>
    prepare(sql, drawn.slice(i * visits, (i + 1) * visits)),
  );
}

function redeem(sql: Sql, visits: readonly Visit[]): Call {
  const items = visits.map(itemOf);
  return async () => {
    const outcomes = await redeemItems(sql, items);
    const refused = outcomes.find(({ outcome }) => outcome !== 'accepted');
    if (refused) throw new Error(`redeem() answered ${refused.outcome}.`);
  };
}

function write(sql: Sql, visits: readonly Visit[]): Call {
  const rows = visits.map(bareWriteOf);
  return () => writeBare(sql, rows);
}

function scan(sql: Sql, [visit]: readonly Visit[]): Call {
  if (!visit) throw new RangeError('Nobody came.');
  const operator = {
    userId: visit.operatorUser,
    sessionAt: new Date().toISOString(),
    secondFactorAt: null,
  };
  return async () => {
    const { refusal } = await preview(sql, operator, claimsOf(visit), visit.outlet);
    if (refusal) throw new Error(`preview() answered ${refusal}.`);
  };
}

function look(sql: Sql, [visit]: readonly Visit[]): Call {
  if (!visit) throw new RangeError('Nobody came.');
  const member = {
    userId: visit.memberUser,
    sessionAt: new Date().toISOString(),
    secondFactorAt: null,
  };
  return async () => {
    const rows = await readCatalogue(sql, member, { near: undefined, district: undefined });
    if (rows.length === 0) throw new Error('The catalogue is empty.');
  };
}

/** In the small city: reading all of the large one would take longer than everything else. */
async function assertSound({ sql }: Place): Promise<void> {
  const contradictions = await sql`select * from consistency()`;
  if (contradictions.length > 0) throw new Error('The figures are of a broken ledger.');
}

/** What a redemption leaves behind for ever. */
async function tellSizes({ sql, size }: Place): Promise<void> {
  const tables = await sql<{ table: string; rows: number; bytes: number; indexes: number }[]>`
    select c.relname as table, c.reltuples::bigint as rows, pg_table_size(c.oid) as bytes,
      pg_indexes_size(c.oid) as indexes
    from pg_class c where c.oid in ('redemption'::regclass, 'transfer'::regclass)`;
  for (const { table, bytes, indexes } of tables) {
    const of = `growth-${table}-of-${size.members}`;
    figure(`${of}-bytes-a-row`, bytes / size.redemptions, 'bytes');
    figure(`${of}-index-bytes-a-row`, indexes / size.redemptions, 'bytes');
  }
}
