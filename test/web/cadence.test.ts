// Risk: after a drop all who wait ask so often that nobody is answered, or who is next hears it too late.
import { expect, test } from 'vitest';
import { newsMilliseconds } from '../../web/src/lib/claims/cadence.ts';

const waiting = (ahead: number) => ({ state: 'waiting' as const, ahead });

test('who is next asks every ten seconds, the thousandth every two minutes', () => {
  expect([0, 500, 1000, 1001].map((ahead) => newsMilliseconds([waiting(ahead)], 0.5))).toEqual([
    10_000, 65_000, 120_000, 120_000,
  ]);
});

test('the claim that may move first says how often, and one that waits for its member does at once', () => {
  expect(newsMilliseconds([waiting(1000), waiting(0)], 0.5)).toBe(10_000);
  expect(newsMilliseconds([waiting(1000), { state: 'offered', ahead: null }], 0.5)).toBe(10_000);
});

test('fifty thousand who came at one moment do not ask at one', () => {
  const [early, late] = [0, 1].map((luck) => newsMilliseconds([waiting(1000)], luck));
  expect([early, late]).toEqual([108_000, 132_000]);
});
