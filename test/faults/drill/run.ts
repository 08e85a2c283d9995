import { parseArgs } from 'node:util';
import { killDb } from './kill-db.ts';
import type { DrillOptions, Report } from './report.ts';

type Drill = (options: DrillOptions & { from?: string }) => Promise<Report>;

const drills: Record<string, Drill> = { 'kill-db': killDb };
const minutesMax = 10;

const option = { type: 'string' } as const;
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seed: option, rounds: option, from: option },
});
const names = positionals.length > 0 ? positionals : Object.keys(drills);
const seed = Number(values.seed ?? Date.now() % 1_000_000);
for (const name of names) {
  const start = performance.now();
  const { tried, lost } = await (drills[name] as Drill)({
    seed,
    ...(values.rounds && { rounds: Number(values.rounds) }),
  });
  process.stdout.write(
    `${name} seed ${seed} ${((performance.now() - start) / 1000).toFixed(1)}s\n${tried.join('\n')}\n${lost.slice(0, 20).join('\n')}\n`,
  );
}
