// Risk: a limit is counted in the wrong day, week or month: by UTC, by booking instead of scan, or over its edge.
import { describe, expect, test } from 'vitest';
import { buildCity } from '../support/city.ts';
import { setClock } from '../support/clock.ts';
import { staysConsistent } from '../support/consistent.ts';
import { createDatabase } from '../support/database.ts';
import { type Answer, outcomesOf, redeemOne } from '../support/redeem.ts';

const { sql } = await createDatabase();
const city = await buildCity(sql);
staysConsistent(sql);

/** Redeems for one member at each instant, in order, with one unit a period. */
async function redeemAt(period: 'day' | 'week' | 'month' | 'total', ...instants: string[]) {
  const member = await city.addMember();
  const benefit = await city.addBenefit({ limit: [1, period] });
  const answers: Answer[] = [];
  for (const instant of instants) {
    const at = new Date(instant);
    await setClock(sql, at.toISOString());
    answers.push(await redeemOne(sql, city.item(member, benefit, at)));
  }
  return answers;
}

/** Pairs of scans: the second one in the same period, and in the next. Beijing is eight hours ahead of UTC. */
describe.each([
  [
    'day',
    '2026-11-18T00:00:00+08:00',
    '2026-11-18T23:59:59.999+08:00',
    '2026-11-19T00:00:00+08:00',
  ],
  ['day', '2026-11-18T07:59:59+08:00', '2026-11-18T08:00:00+08:00', '2026-11-19T00:00:00+08:00'],
  [
    'week',
    '2026-11-16T00:00:00+08:00',
    '2026-11-22T23:59:59.999+08:00',
    '2026-11-23T00:00:00+08:00',
  ],
  [
    'month',
    '2026-11-01T00:00:00+08:00',
    '2026-11-30T23:59:59.999+08:00',
    '2026-12-01T00:00:00+08:00',
  ],
  [
    'month',
    '2028-02-01T00:00:00+08:00',
    '2028-02-29T23:59:59.999+08:00',
    '2028-03-01T00:00:00+08:00',
  ],
] as const)('once a %s, from %s', (period, first, last, next) => {
  test('holds until the last instant, and says when it ends', async () => {
    const [, refused] = await redeemAt(period, first, last);
    expect(refused).toMatchObject({
      outcome: 'limit_reached',
      detail: { at: new Date(first).toISOString(), again: new Date(next).toISOString() },
    });
  });

  test('is free again at the next instant', async () => {
    const answers = await redeemAt(period, last, next);
    expect(answers.map((answer) => answer.outcome)).toEqual(['accepted', 'accepted']);
  });
});

test('in total is for ever', async () => {
  const [, refused] = await redeemAt('total', '2021-01-01T00:00:00Z', '2098-12-31T00:00:00Z');
  expect(refused).toMatchObject({ outcome: 'limit_reached', detail: { again: null } });
});

test('the scan decides the day, not the booking', async () => {
  const member = await city.addMember();
  const benefit = await city.addBenefit({ limit: [1, 'day'] });
  const beforeMidnight = new Date('2026-11-18T23:59:58+08:00');
  const afterMidnight = new Date('2026-11-19T00:00:02+08:00');
  await setClock(sql, afterMidnight.toISOString());
  const late = city.item(member, benefit, beforeMidnight);
  const today = city.item(member, benefit, afterMidnight);
  const tooMany = city.item(member, benefit, beforeMidnight);
  expect(await outcomesOf(sql, [late, today, tooMany])).toEqual([
    'accepted',
    'accepted',
    'limit_reached',
  ]);
});

test('the next time is when the benefit is open again, not when the period ends', async () => {
  const member = await city.addMember();
  const benefit = await city.addBenefit({ limit: [1, 'day'], weekdays: [3, 6], opensMinute: 540 });
  const wednesday = new Date('2026-11-18T12:00:00+08:00');
  await setClock(sql, wednesday.toISOString());
  await redeemOne(sql, city.item(member, benefit, wednesday));
  const refused = await redeemOne(sql, city.item(member, benefit, wednesday));
  expect(refused).toMatchObject({ detail: { again: '2026-11-21T01:00:00.000Z' } });
});

describe('a closed window says when it opens', () => {
  test.each([
    ['benefit_not_started', '2026-11-10T12:00:00+08:00', '2026-11-18T09:00:00+08:00'],
    ['benefit_not_today', '2026-11-19T12:00:00+08:00', '2026-11-21T09:00:00+08:00'],
    ['benefit_not_at_this_hour', '2026-11-18T08:59:59+08:00', '2026-11-18T09:00:00+08:00'],
    ['benefit_not_at_this_hour', '2026-11-18T21:00:00+08:00', '2026-11-21T09:00:00+08:00'],
    ['benefit_not_today', '2026-11-29T12:00:00+08:00', null],
  ])('%s at %s', async (reason, at, again) => {
    const member = await city.addMember();
    const benefit = await city.addBenefit({
      startsAt: '2026-11-15T00:00:00+08:00',
      endsAt: '2026-12-02T00:00:00+08:00',
      weekdays: [3, 6],
      opensMinute: 540,
      closesMinute: 1260,
    });
    await setClock(sql, new Date(at).toISOString());
    const refused = await redeemOne(sql, city.item(member, benefit, new Date(at)));
    expect(refused).toMatchObject({
      outcome: reason,
      detail: { again: again && new Date(again).toISOString() },
    });
  });
});

describe('a pass is good for its minute, and ten seconds before it', () => {
  const minute = new Date('2026-11-18T04:00:00Z');
  test.each([
    [-10_001, 'pass_not_yet_valid'],
    [-10_000, 'accepted'],
    [0, 'accepted'],
    [59_999, 'accepted'],
    [60_000, 'pass_expired'],
  ])('%i ms after its beginning: %s', async (after, outcome) => {
    const at = new Date(minute.getTime() + after);
    await setClock(sql, at.toISOString());
    const item = city.item(await city.addMember(), await city.addBenefit(), minute);
    const answer = await redeemOne(sql, { ...item, scannedAt: at.toISOString() });
    expect(answer).toMatchObject({ outcome });
  });
});
