// Risk: without a network a phone gives more than its union allows, or refuses with somebody else's reason.
import { describe, expect, test } from 'vitest';
import { dayOf, minuteOfDay, weekdayOf } from '../../web/src/lib/offline/day.ts';
import { offersFor, type Known } from '../../web/src/lib/offline/offers.ts';
import type { BriefBenefit, Entry, Lease, Seen } from '../../web/src/lib/offline/store.ts';
import { batchesOf } from '../../web/src/lib/offline/upload.ts';

// A Friday, eleven in the evening in Beijing.
const now = Date.parse('2026-03-06T15:00:00Z');
const pass = { kid: 1, card: 12, jti: 34, exp: now / 1000 + 30 };
const benefit: BriefBenefit = {
  ...{ id: 5, titleZh: '洗车', titleEn: 'Car wash', priceFen: 2000, faceValueFen: 4000 },
  ...{ quantityMax: 9, startsAt: '2026-03-01T00:00:00Z', endsAt: '2026-04-01T00:00:00Z' },
  ...{ weekdays: [1, 2, 3, 4, 5, 6, 7], opensMinute: 0, closesMinute: 1440 },
  offline: { cardUsesADay: 4, valueMaxFen: 10_000, hours: 24 },
};
const lease: Lease = { id: 8, benefit: 5, units: 10, used: 2, expiresAt: '2026-03-06T20:00:00Z' };
const seen: Seen = {
  ...{ card: 12, jti: 1, benefit: 5, quantity: 1 },
  ...{ at: now - 60_000, isOffline: true },
};
const entry: Entry = {
  ...{ seq: 1, hash: '', benefit: 5, titleZh: '', titleEn: '', quantity: 3, lease: 8, open: 8 },
  ...{ at: now, isUploaded: false, verdict: null, reason: null },
  ...{ decision: null, decisionReason: null },
};

function offer(known: Partial<Known>, at = now) {
  const all = { benefits: [benefit], leases: [lease], open: [], seen: [] };
  return offersFor(pass, { ...all, ...known }, at)[0];
}

describe('a benefit without a network', () => {
  test('is given up to the tightest of its bounds', () => {
    expect(offer({})).toMatchObject({ reason: null, lease: 8, left: 8, most: 4 });
    expect(offer({ open: [entry] })).toMatchObject({ left: 5, most: 4 });
    expect(offer({ open: [entry, { ...entry, seq: 2 }] })).toMatchObject({ left: 2, most: 2 });
    expect(offer({ seen: [seen] })).toMatchObject({ most: 3 });
    expect(offer({ benefits: [{ ...benefit, quantityMax: 1 }] })).toMatchObject({ most: 1 });
    const small = { cardUsesADay: 9, valueMaxFen: 4999, hours: 1 };
    expect(offer({ benefits: [{ ...benefit, offline: small }] })).toMatchObject({ most: 2 });
  });

  test.each<[string | null, Partial<Known>]>([
    ['offline_not_allowed', { benefits: [{ ...benefit, offline: null }] }],
    ['pass_already_used', { seen: [{ ...seen, jti: 34 }] }],
    ['pass_already_used', { seen: [{ ...seen, jti: 34, isOffline: false }] }],
    [null, { seen: [{ ...seen, jti: 34, benefit: 6 }] }],
    ['card_uses_a_day', { seen: [{ ...seen, quantity: 4 }] }],
    [null, { seen: [{ ...seen, quantity: 4, isOffline: false }] }],
    // Yesterday in Beijing, though still today in London.
    [null, { seen: [{ ...seen, quantity: 4, at: Date.parse('2026-03-05T15:59:59Z') }] }],
    [
      'card_uses_a_day',
      { seen: [{ ...seen, quantity: 4, at: Date.parse('2026-03-05T16:00:00Z') }] },
    ],
    ['value_too_high', { benefits: [{ ...benefit, priceFen: 10_001 }] }],
    [null, { benefits: [{ ...benefit, priceFen: 10_000 }] }],
    ['lease_none', { leases: [] }],
    ['lease_none', { leases: [{ ...lease, benefit: 6 }] }],
    ['lease_expired', { leases: [{ ...lease, expiresAt: '2026-03-06T15:00:00Z' }] }],
    [null, { leases: [{ ...lease, expiresAt: '2026-03-06T15:00:00.001Z' }] }],
    ['lease_spent', { leases: [{ ...lease, used: 10 }] }],
    ['lease_spent', { open: [{ ...entry, quantity: 8 }] }],
    ['benefit_not_today', { benefits: [{ ...benefit, weekdays: [1, 2, 3, 4, 6, 7] }] }],
    ['benefit_not_at_this_hour', { benefits: [{ ...benefit, closesMinute: 23 * 60 }] }],
    [null, { benefits: [{ ...benefit, closesMinute: 23 * 60 + 1 }] }],
    ['benefit_not_at_this_hour', { benefits: [{ ...benefit, opensMinute: 23 * 60 + 1 }] }],
    ['benefit_ended', { benefits: [{ ...benefit, endsAt: '2026-03-06T15:00:00Z' }] }],
    ['benefit_not_started', { benefits: [{ ...benefit, startsAt: '2026-03-06T15:00:00.001Z' }] }],
  ])('%s: %j', (reason, known) => {
    expect(offer(known)?.reason).toBe(reason);
  });
});

test.each([
  ['1970-01-01T00:00:00+08:00', 0, 4, 0],
  ['2026-03-01T23:59:59+08:00', 20_513, 7, 1439],
  ['2026-03-02T00:00:00+08:00', 20_514, 1, 0],
])('%s is day %i, weekday %i, minute %i in Beijing', (at, day, weekday, minute) => {
  const instant = Date.parse(at);
  expect([dayOf(instant), weekdayOf(instant), minuteOfDay(instant)]).toEqual([
    day,
    weekday,
    minute,
  ]);
});

test('batches have at most a hundred and no gap', () => {
  const items = [1, 2, 3, 5, 6, ...Array.from({ length: 201 }, (_, i) => i + 10)];
  const batches = batchesOf(items.map((seq) => ({ seq })));
  expect(batches.map((batch) => [batch[0]?.seq, batch.length])).toEqual([
    [1, 3],
    [5, 2],
    [10, 100],
    [110, 100],
    [210, 1],
  ]);
  expect(batchesOf([])).toEqual([]);
});
