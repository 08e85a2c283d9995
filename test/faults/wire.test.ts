// Risk: an answer that is lost, late or wrong on its way from PostgreSQL makes a second redemption, or none (I5, I22).
// `npm run drill proxy sqlstates` does the same for longer.
import { expect, test, vi } from 'vitest';
import { proxy } from './drill/proxy.ts';
import { sqlstates } from './drill/sqlstates.ts';

// Whole machines are started and killed; a few seconds each where nothing else runs.
vi.setConfig({ testTimeout: 180_000 });

const seed = 5;

test('each order is one redemption with one answer, whatever the network does, and however often it is sent', async () => {
  const { tried, lost } = await proxy({ seed, rounds: 1 });
  expect(lost, tried.join('\n')).toEqual([]);
});

test('errors that another try may heal are tried again, three times and no more', async () => {
  const { tried, lost } = await sqlstates({ seed });
  expect(lost, tried.join('\n')).toEqual([]);
});
