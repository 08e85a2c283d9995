import { median } from './figure.ts';

/** How much was done a second, and how long each request took, in milliseconds. */
export type Round = { perSecond: number; milliseconds: ArrayLike<number> };

/** By name, which ends with `by` and the concurrency. */
export type Kinds = Map<string, () => Promise<Round>>;

export type Found = { perSecond: number; p50: number; p99: number };

const rounds = 3;

/**
 * Runs all kinds in turns, so that whatever else the machine does falls on each of them, and gives each one's median
 * round. The first round warms everything up and does not count.
 */
export async function inTurns(kinds: Kinds): Promise<Map<string, Found>> {
  const found = new Map<string, Round[]>();
  for (let round = 0; round <= rounds; round += 1) {
    for (const [name, run] of kinds) {
      const one = await run();
      if (round > 0) found.set(name, [...(found.get(name) ?? []), one]);
    }
  }
  return new Map([...found].map(([name, all]) => [name, summed(all)]));
}

function summed(all: readonly Round[]): Found {
  const times = Float64Array.from(all.flatMap(({ milliseconds }) => Array.from(milliseconds)));
  times.sort();
  const at = (share: number) => times[Math.floor(times.length * share)] ?? Number.NaN;
  return {
    perSecond: median(all.map(({ perSecond }) => perSecond)),
    p50: at(0.5),
    p99: at(0.99),
  };
}

/** The best of a small sweep, by the name's beginning, with the concurrency that its end says. */
export function bestOf(found: ReadonlyMap<string, Found>, kind: string): Found & { width: string } {
  const sweep = [...found].filter(([name]) => name.startsWith(`${kind} by `));
  const [best] = sweep.toSorted(([, a], [, b]) => b.perSecond - a.perSecond);
  if (!best) throw new RangeError(`Nothing was measured of ${kind}.`);
  const [name, figures] = best;
  return { ...figures, width: name.slice(`${kind} by `.length) };
}

/** What several writers do a second, each calling `work` again and again; a call does `size` things. */
export async function rate(
  seconds: number,
  writers: number,
  size: number,
  work: (writer: number) => Promise<unknown>,
): Promise<Round> {
  const milliseconds: number[] = [];
  const start = performance.now();
  const end = start + seconds * 1000;
  const walk = async (writer: number): Promise<void> => {
    for (let now = performance.now(); now < end;) {
      await work(writer);
      const done = performance.now();
      milliseconds.push(done - now);
      now = done;
    }
  };
  await Promise.all(Array.from({ length: writers }, (_, writer) => walk(writer)));
  const perSecond = (milliseconds.length * size * 1000) / (performance.now() - start);
  return { perSecond, milliseconds };
}
