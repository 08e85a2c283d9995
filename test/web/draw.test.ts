// Risk: a phone says of a result that was tampered with that it matches, or a share of the money buys more than it pays for.
import { expect, test } from 'vitest';
import { isResultOf } from '../../web/src/lib/draw/recompute.ts';
import { unitsOf } from '../../web/src/lib/draw/units.ts';

const order = ['a', 'b', 'c', 'd', 'e'];
const prizes = [{ id: 7 }, { id: 9 }];
const won = (pseudonym: string, place: number, prize: number, isFirst = true) => ({
  ...{ pseudonym, place, prize, isFirst },
});
const right = {
  prizes,
  winners: [won('a', 1, 7), won('c', 3, 9), won('d', 4, 9, false)],
  passed: [{ pseudonym: 'b', place: 2 }],
};

test('a result is what its order comes to, with who was passed over and who moved up', () => {
  expect(isResultOf(order, right)).toBe(true);
  expect(isResultOf(order, { prizes, winners: [], passed: [] })).toBe(true);
});

test.each([
  ['a winner at another’s place', { winners: [won('b', 1, 7), won('c', 3, 9)] }],
  ['who was drawn first left out', { winners: [won('c', 3, 9)] }],
  ['somebody passed over in silence', { passed: [] }],
  ['a better prize for a later one', { winners: [won('a', 1, 9), won('c', 3, 7)] }],
  ['one who is not on the list', { winners: [won('a', 1, 7), won('x', 3, 9)] }],
  [
    'one who moved up from elsewhere',
    { winners: [won('a', 1, 7), won('c', 3, 9), won('e', 4, 9, false)] },
  ],
])('%s is found out', (_what, wrong) => {
  expect(isResultOf(order, { ...right, ...wrong })).toBe(false);
});

test.each([
  [600_000, 30, 30_000, 6],
  [600_000, 40, 10_000, 24],
  [100_000, 40, 6_000, 6],
  // In floating point 0.29 × 100 is less than 29.
  [10_000, 29, 2_900, 1],
  [10_000, 33.33, 3_333, 1],
  [10_000, 33.33, 3_334, 0],
  [900_719_925_474_099, 100, 1, 900_719_925_474_099],
])('%i fen, of it %f%%, buys units of %i fen: %i', (total, share, price, units) => {
  expect(unitsOf(total, share, price)).toBe(units);
});
