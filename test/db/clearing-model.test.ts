// Risk (I1, I13–I16): uses, reversals, late scans, transfers of members, top-ups, new rules, closes and corrections in an order
// nobody thought of leave a fen over, or change what was closed. The database against sums by hand.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Sql } from '../../db/client.ts';
import { months, settle, type Step } from '../support/model/clearing.ts';
import { createOriginal } from '../support/original.ts';
import { without } from '../support/vary.ts';

const empty = await createOriginal(() => Promise.resolve());

/** What a failure prints replays it: `TONGKA_SEED=… npx vitest run test/db/clearing-model.test.ts`. */
const seed = Number(process.env['TONGKA_SEED'] ?? 20261123);

/** Each history in a copy of its own: months close for a whole city. */
const settlesLike = (vary: (sql: Sql, run: () => Promise<void>) => Promise<void>) =>
  fc.asyncProperty(months, (steps) => empty.onCopy((sql) => vary(sql, () => settle(sql, steps))));

test(
  'any months settle to the fen, and stay as they were closed',
  { timeout: 120_000 },
  async () => {
    await fc.assert(
      settlesLike((_sql, run) => run()),
      { seed, numRuns: 10 },
    );
  },
);

test.each([
  [
    'what came back is not counted',
    'month_statements',
    'p.charged_fen - p.returned_fen',
    'p.charged_fen',
  ],
  ['a creditor owes as well', 'month_statements', 'p.union_id < p.creditor_id', 'true'],
  [
    'a day misses its last hours',
    'day_parts',
    'day_begin(p_day + 1)',
    "day_begin(p_day) + interval '9 hours'",
  ],
  [
    'a correction forgets the earlier ones',
    'adjust_redemption',
    's.net_fen - targets',
    's.weight - targets',
  ],
  [
    'a correction is shared equally',
    'adjust_redemption',
    'array_agg(weight order',
    'array_agg(1 order',
  ],
  ['a closed month takes more', 'reverse_redemption', "p.state <> 'open'", 'false'],
  [
    'what comes late is booked when it was scanned',
    'redeem',
    'greatest(clock(), i.scanned_at)',
    'i.scanned_at',
  ],
  ['a top-up is paid by the rule as well', 'redeem_legs', 'and p_topped[i.ord] is not true', ''],
  [
    'a member stays with his first employer',
    'redeem_read_4',
    'select max(f.started_at)',
    'select min(f.started_at)',
  ],
])('a mistake is found out: %s', { timeout: 60_000 }, async (_mistake, name, rule, instead) => {
  const tried = await fc.check(
    settlesLike((sql, run) => without(sql, name, [[rule, instead]], run)),
    { seed, numRuns: 12, endOnFailure: true },
  );
  expect(tried.failed).toBe(true);
});

const day: Step = { kind: 'day' };
const late = (hour: number, beside: number | null): Step => ({
  ...{ kind: 'late', member: 0, days: 1, hour, beside },
});
const closed: Step[] = [{ kind: 'month' }, { kind: 'close' }];

/** Orders of things that chance seldom finds: an earlier scan of the same day comes later. */
test.each<[string, Step[], string, string, string]>([
  [
    'what is closed is judged anew',
    [day, day, late(10, null), ...closed, late(3, 0), ...closed],
    ...(['settle_offline', "p.state <> 'open'", 'false'] as const),
  ],
  [
    'a use that was judged anew is counted twice',
    [day, day, late(10, null), day, late(3, 0), ...closed],
    ...(['day_parts', 'w.first_leg > 1', 'false'] as const),
  ],
])('a mistake is found out: %s', async (_mistake, steps, name, rule, instead) => {
  await empty.onCopy((sql) => settle(sql, steps));
  const tried = empty.onCopy((sql) =>
    without(sql, name, [[rule, instead]], () => settle(sql, steps)),
  );
  await expect(tried).rejects.toThrow();
});
