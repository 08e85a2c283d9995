// Risk: the screen offers a time that the room is not to be had at, or hides one that it is.
import { expect, test } from 'vitest';
import { readCodes } from '../../web/src/lib/offers/code-list.ts';
import {
  lengthsFrom,
  minutesLeft,
  partsOf,
  standingOf,
  startsOf,
  type Week,
} from '../../web/src/lib/rooms/week.ts';

const week: Week = {
  serverTime: '2026-12-01T02:10:00.000Z',
  ...{ week: '2026-11-30', today: '2026-12-01', lastDay: '2026-12-05' },
  ...{ weekdays: [1, 2, 3, 4, 5], opensMinute: 540, closesMinute: 720 },
  ...{ minutesMin: 30, minutesMax: 90, minutesAWeek: 240, minutesUsed: 0 },
  busy: [{ startsAt: '2026-12-02T02:15:00.000Z', endsAt: '2026-12-02T03:00:00.000Z', isOwn: true }],
};

test('days that are past, closed, too far and open', () => {
  const standings = ['2026-11-30', '2026-12-01', '2026-12-05', '2026-12-06'].map((day) =>
    standingOf(week, day),
  );
  expect(standings).toEqual(['past', 'open', 'closed', 'far']);
});

test('a day is taken and free in turn, from its opening to its close', () => {
  expect(partsOf(week, '2026-12-02')).toEqual([
    { from: 540, to: 615, state: 'free' },
    { from: 615, to: 660, state: 'own' },
    { from: 660, to: 720, state: 'free' },
  ]);
});

test('a use begins where one is long enough, and today not before now', () => {
  expect(startsOf(week, '2026-12-02')).toEqual([540, 570, 660, 690]);
  expect(startsOf(week, '2026-12-01')).toEqual([630, 660, 690]);
  expect(startsOf(week, '2026-11-30')).toEqual([]);
});

test('it lasts until somebody else comes, the room closes, or the company’s week is used', () => {
  expect(lengthsFrom(week, '2026-12-02', 540)).toEqual([30, 60]);
  expect(lengthsFrom(week, '2026-12-02', 690)).toEqual([30]);
  expect(lengthsFrom(week, '2026-12-03', 540)).toEqual([30, 60, 90]);
  const used = { ...week, minutesUsed: 200 };
  expect(minutesLeft(used)).toBe(40);
  expect(lengthsFrom(used, '2026-12-03', 540)).toEqual([30]);
  expect(lengthsFrom(week, '2026-12-02', 630)).toEqual([]);
});

test('codes from a pasted list or the first column of a file, each once, bad ones by their lines', () => {
  const text = '\uFEFFABCD-1\r\n"AB,CD2";3\nABCD-1\n\n  EFGH\tnote\n坏的\nABC\n';
  expect(readCodes(text)).toEqual({
    codes: ['ABCD-1', 'AB,CD2', 'EFGH'],
    twice: 1,
    badLines: [6, 7],
  });
});
