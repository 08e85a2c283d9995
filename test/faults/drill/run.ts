import { parseArgs } from 'node:util';
import { durability } from './durability.ts';
import { killApi } from './kill-api.ts';
import { killDb } from './kill-db.ts';
import { model } from './model.ts';
import { overload } from './overload.ts';
import { proxy } from './proxy.ts';
import type { Drill, DrillOptions } from './report.ts';
import { sqlstates } from './sqlstates.ts';
import { versions } from './versions.ts';

/** `npm run drill [kill-db|durability|kill-api …] [-- --seed N --rounds N --from REF]`: all of them unless named. */
const drills: Record<string, Drill> = {
  'kill-db': killDb,
  durability,
  'kill-api': killApi,
  proxy,
  sqlstates,
  overload,
  model,
  versions,
};
const minutesMax = 10;
const shownMax = 20;
const usage = `npm run drill [${Object.keys(drills).join('|')} …] [-- --seed N --rounds N --from REF]`;

const { names, options } = readArguments();
let isAllWell = true;
for (const name of names) {
  const drill = drills[name];
  if (drill) isAllWell = (await run(name, drill)) && isAllWell;
}
process.exit(isAllWell ? 0 : 1);

async function run(name: string, drill: Drill): Promise<boolean> {
  const start = performance.now();
  const limit = setTimeout(giveUp, minutesMax * 60_000);
  print(`drill ${name}, seed ${options.seed}`);
  const { tried, lost } = await drill(options).catch((error: unknown) => ({
    tried: [],
    lost: [`it broke off: ${error instanceof Error ? error.message : String(error)}`],
  }));
  clearTimeout(limit);
  for (const line of tried) print(`  ${line}`);
  for (const line of lost.slice(0, shownMax)) print(`  ✗ ${line}`);
  const verdict = lost.length === 0 ? '✓ nothing lost' : `✗ ${lost.length} findings`;
  print(`  ${verdict}, ${Math.round((performance.now() - start) / 1000)} s`);
  return lost.length === 0;
}

/** As if somebody had pressed Ctrl-C, so that everything started is ended, but with a failure's code. */
function giveUp(): void {
  print(`The drill stops itself after ${minutesMax} minutes.`);
  process.once('exit', () => (process.exitCode = 1));
  process.kill(process.pid, 'SIGTERM');
}

function readArguments(): { names: string[]; options: DrillOptions } {
  const option = { type: 'string' } as const;
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { seed: option, rounds: option, from: option },
    });
    const { seed, rounds, from } = values;
    const isKnown = positionals.every((name) => Object.hasOwn(drills, name));
    if (!isKnown || ![seed, rounds].every((text = '1') => /^[1-9]\d{0,8}$/.test(text)))
      throw new RangeError(usage);
    return {
      names: positionals.length > 0 ? positionals : Object.keys(drills),
      options: {
        seed: seed ? Number(seed) : 1 + Math.floor(Math.random() * 1e6),
        ...(rounds && { rounds: Number(rounds) }),
        ...(from && { from }),
      },
    };
  } catch {
    print(usage);
    process.exit(2);
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
