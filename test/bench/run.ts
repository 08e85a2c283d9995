import { card } from './card.ts';
import { close } from './close.ts';
import { drop } from './drop.ts';
import { print } from './figure.ts';
import { type Ground, openGround } from './ground.ts';
import { growth } from './growth.ts';
import { importing } from './import.ts';
import { pass } from './pass.ts';
import { redeem } from './redeem.ts';
import { sync } from './sync.ts';
import { trips } from './trips.ts';

/**
 * `npm run bench [trips|redeem|drop|sync|pass|card|close|import …]`: all of them unless named. A figure that misses its goal is no failure.
 * `npm run bench growth`, with its options, brings its own databases and is long: only by itself.
 */
const benches: Record<string, (ground: Ground) => Promise<void>> = {
  trips,
  redeem,
  drop: (ground) => drop(ground, asked[0] === 'drop' ? rowsAsked : undefined),
  sync,
  pass,
  card,
  close: (ground) => close(ground, asked[0] === 'close' ? (rowsAsked ?? 1_000_000) : undefined),
  import: (ground) => importing(ground, asked[0] === 'import' ? rowsAsked : undefined),
};
const minutesMax = 20;

const asked = process.argv.slice(2);
if (asked[0] === 'growth') {
  await growth(asked.slice(1));
  process.exit();
}
const rowsAsked = Number(asked[1]) || undefined;
const names = (asked.length > 0 ? asked : Object.keys(benches)).filter(
  (name) => !(Number(name) > 0),
);
const unknown = names.filter((name) => !Object.hasOwn(benches, name));
if (unknown.length > 0) {
  print(
    `There is no bench ${unknown.join(', ')}; there are ${Object.keys(benches).join(', ')}, growth.`,
  );
  process.exit(2);
}

const ground = await openGround();
const limit = setTimeout(() => {
  print(`The bench stops itself after ${minutesMax} minutes.`);
  void ground.close().finally(() => process.exit(1));
}, minutesMax * 60_000);
try {
  for (const name of names) await benches[name]?.(ground);
} finally {
  clearTimeout(limit);
  await ground.close();
}
