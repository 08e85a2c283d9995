// Risk: a machine dies in the middle of the rush, and a redemption that was answered is gone, or stands twice (I4, I14).
// `npm run drill kill-db durability kill-api` does the same for longer.
import { expect, test, vi } from 'vitest';
import { durability } from './drill/durability.ts';
import { killApi } from './drill/kill-api.ts';
import { killDb } from './drill/kill-db.ts';

// Whole machines are started and killed; a few seconds each where nothing else runs.
vi.setConfig({ testTimeout: 180_000 });

const seed = 4;

test('what was answered stands after PostgreSQL was killed under load', async () => {
  const { tried, lost } = await killDb({ seed, rounds: 2 });
  expect(lost, tried.join('\n')).toEqual([]);
});

test('the negative control: a PostgreSQL that answers before it writes loses answers, and they are missed', async () => {
  const { tried, lost } = await durability({ seed });
  expect(lost, tried.join('\n')).toEqual([]);
});

test('what was answered stands after API processes were killed, and their counters went to the others', async () => {
  const { tried, lost } = await killApi({ seed, rounds: 2 });
  expect(lost, tried.join('\n')).toEqual([]);
});
