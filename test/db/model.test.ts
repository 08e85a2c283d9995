// Risk: a history nobody thought of. The functions of the database against naive rules, over random histories.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Sql } from '../../db/client.ts';
import { buildCity } from '../support/city.ts';
import { history } from '../support/model/history.ts';
import { play } from '../support/model/play.ts';
import { createOriginal } from '../support/original.ts';
import { without } from '../support/vary.ts';

const empty = await createOriginal(() => Promise.resolve());

/** What a failure prints replays it: `TONGKA_SEED=… npx vitest run test/db/model.test.ts`. */
const seed = Number(process.env['TONGKA_SEED'] ?? 20261123);

async function sameAsTheRules(sql: Sql) {
  const city = await buildCity(sql);
  return fc.asyncProperty(history, (one) => play(sql, city, one));
}

test('any history has the answers of the rules, and adds up', { timeout: 120_000 }, async () => {
  await empty.onCopy(async (sql) => fc.assert(await sameAsTheRules(sql), { seed, numRuns: 40 }));
});

test.each([
  ['uses in one batch are forgotten', 'redeem', ' + coalesce(used_here[item.limit_slot], 0)', ''],
  ['a lease is not spent', 'redeem', 'spent[item.ord] := item.lease_id', 'spent[item.ord] := null'],
  ['a renewal takes all that is left', 'renew_leases', '+ held.units) / 2', '+ held.units)'],
  ['a lease has no grace', 'return_due_leases', 'l.returns_at <= now', 'l.expires_at <= now'],
  ['the first upload wins', 'settle_offline', 'u.at, u.id', 'u.booked_at, u.id'],
  ['who was online does not stand', 'settle_offline', 'used := one.used_online', 'used := 0'],
  ['an ended lease keeps its units', 'undo_redemption', 'if ended_at is not null', 'if false'],
  ['a top-up is for everybody', 'redeem', 'is_topped[item.ord] := true', 'is_topped := null'],
  ['the first share bears all', 'redeem_legs', 'r.amounts[s.place] > 0', 's.place = 1'],
  ['a cap is forgotten', 'redeem', "then 'partner_cap_reached'", 'then null'],
  ['a card has one more', 'book_offline_items', 'p.card_uses_a_day -', 'p.card_uses_a_day + 1 -'],
])('a mistake is found out: %s', { timeout: 60_000 }, async (_mistake, name, rule, instead) => {
  const tried = await empty.onCopy((sql) =>
    without(sql, name, [[rule, instead]], async () =>
      fc.check(await sameAsTheRules(sql), { seed, numRuns: 100, endOnFailure: true }),
    ),
  );
  expect(tried.failed).toBe(true);
});
