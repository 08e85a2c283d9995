import { card } from './card.ts';
import { print } from './figure.ts';
import { type Ground, openGround } from './ground.ts';
import { pass } from './pass.ts';
import { redeem } from './redeem.ts';
import { trips } from './trips.ts';

/** `npm run bench [trips|redeem|pass|card …]`: all of them unless named. A figure that misses its goal is no failure. */
const benches: Record<string, (ground: Ground) => Promise<void>> = { trips, redeem, pass, card };
const minutesMax = 8;

const asked = process.argv.slice(2);
const names = asked.length > 0 ? asked : Object.keys(benches);
const unknown = names.filter((name) => !Object.hasOwn(benches, name));
if (unknown.length > 0) {
  print(`There is no bench ${unknown.join(', ')}; there are ${Object.keys(benches).join(', ')}.`);
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
