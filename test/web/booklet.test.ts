import { expect, test } from 'vitest';
import { lastsUntil, passAt, showsFor } from '../../web/src/lib/card/booklet.ts';

const start = Date.parse('2026-03-01T08:00:00Z');
const minute = 60_000;
const holder = { name: '', unionZh: '', unionEn: '', districtZh: '', districtEn: '' };
const booklet = {
  serverTime: new Date(start).toISOString(),
  holder,
  passes: [0, 1, 2].map((number) => ({
    from: new Date(start + number * minute).toISOString(),
    expiresAt: new Date(start + (number + 1) * minute).toISOString(),
    url: `pass ${number}`,
    code: String(number),
  })),
};
const shownAt = (milliseconds: number) => passAt(booklet, start + milliseconds)?.code;

// Risk: a code on the screen that runs out while the cashier reaches for the scanner, or one that is not valid yet.
test.each([
  [-5_001, undefined],
  [-5_000, '0'],
  [0, '0'],
  [54_999, '0'],
  [55_000, '1'],
  [114_999, '1'],
  [115_000, '2'],
  [174_999, '2'],
  [175_000, undefined],
])('%i ms after the first minute the code is that of minute %s', (milliseconds, code) => {
  expect(shownAt(milliseconds)).toBe(code);
});

test('the ring runs from one change of code to the next', () => {
  const pass = passAt(booklet, start + 55_000);
  expect(pass && showsFor(pass, start + 55_000)).toBe(minute);
  expect(pass && showsFor(pass, start + 114_999)).toBe(1);
});

test('the booklet says how long it lasts', () => {
  expect(lastsUntil(booklet)).toBe(start + 3 * minute);
  expect(lastsUntil({ ...booklet, passes: [] })).toBe(0);
});
