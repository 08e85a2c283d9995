// Risk: a rush on one benefit takes the whole service down with it, or leaves half a redemption behind (I21).
import { expect, test } from 'vitest';
import { overload } from './drill/overload.ts';

test('three times what it can do on one benefit: told to come back, nothing half done, others served', async () => {
  const { lost } = await overload({ seed: 21, rounds: 1 });
  expect(lost).toEqual([]);
});
