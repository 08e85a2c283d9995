// Risk: somebody pays for what his rule does not say, a rule that changed changes what was, or a use is paid twice or not at all.
import { beforeEach, describe, expect, test } from 'vitest';
import type { Share } from '../../db/schema/benefits.ts';
import { buildCity, idIn, type Item, type Outlet } from '../support/city.ts';
import { setClock } from '../support/clock.ts';
import { staysConsistent } from '../support/consistent.ts';
import { createDatabase } from '../support/database.ts';
import { outcomesOf, redeem, redeemOne } from '../support/redeem.ts';

const { sql } = await createDatabase();
const city = await buildCity(sql);
const { root, home, host, homeEnterprise } = city.unions;
staysConsistent(sql);

/** A Wednesday, 12:00 in Beijing. */
const noon = new Date('2026-11-18T04:00:00Z');
beforeEach(() => setClock(sql, noon.toISOString()));

type Options = Parameters<typeof city.addBenefit>[0];

async function fund(funding: Share[] | null, options: Options = {}): Promise<number> {
  const benefit = await city.addBenefit({ limit: [100, 'total'], quantityMax: 9, ...options });
  await sql`
    update benefit set funding = ${funding === null ? null : sql.json(funding)} where id = ${benefit}`;
  return benefit;
}

async function use(benefit: number, more: Partial<Item> = {}): Promise<Item> {
  const item = { ...city.item(await city.addMember(), benefit, noon), ...more };
  expect(await outcomesOf(sql, [item])).toEqual(['accepted']);
  return item;
}

/** The ledger's rows of a use, in words: who pays whom how much, and to whom it is owed. */
async function legs({ id }: Pick<Item, 'id'>, kind = 'redemption'): Promise<string[]> {
  const name = (owner: string) => sql`
    case ${sql(owner)}.union_id
      when ${root} then 'city' when ${home} then 'home' when ${host} then 'host'
      when ${homeEnterprise} then 'enterprise'
    end`;
  const rows = await sql<{ leg: string }[]>`
    select concat_ws(' ', t.leg || ':', coalesce(${name('payer')}, payer.kind),
      nullif(payer.kind, 'budget'), '→', coalesce(${name('payee')}, payee.kind),
      t.amount_fen, 'for ' || ${name('creditor')}) as leg
    from transfer t
    join account payer on payer.id = t.payer_id
    join account payee on payee.id = t.payee_id
    left join lateral (select t.creditor_id as union_id where t.creditor_id is not null) creditor on true
    where t.redemption_id = ${id} and t.kind = ${kind} order by t.leg`;
  return rows.map(({ leg }) => leg);
}

const zibo: Share[] = [
  { payer: 'city', parts: 1 },
  { payer: 'headquarters', parts: 2 },
];

test('without a rule the owner of the places pays', async () => {
  const benefit = await fund(null);
  expect(await legs(await use(benefit))).toEqual(['1: city → payable 4500 for host']);
  expect(await legs(await use(benefit, { quantity: 3 }))).toEqual([
    '1: city → payable 13500 for host',
  ]);
});

test('Zibo: the city one part, the district two, and a branch is its headquarters’', async () => {
  const benefit = await fund(zibo);
  const atHeadquarters = await use(benefit);
  const atBranch = await use(benefit, { outlet: city.homeOutlet.id });
  const expected = ['1: city → payable 1500 for host', '2: host → payable 3000 for host'];
  expect(await legs(atHeadquarters)).toEqual(expected);
  expect(await legs(atBranch)).toEqual(expected);
  // By the outlet's district a branch would be charged where it stands.
  const byOutlet = await fund([
    { payer: 'city', parts: 1 },
    { payer: 'host', parts: 2 },
  ]);
  expect(await legs(await use(byOutlet, { outlet: city.homeOutlet.id }))).toEqual([
    '1: city → payable 1500 for host',
    '2: home → payable 3000 for host',
  ]);
});

test('everybody who may bear a part does, in the rule’s order', async () => {
  const benefit = await fund(
    [
      { payer: 'co_payment', amountFen: 1000 },
      { payer: 'discount', amountFen: 500 },
      { payer: 'enterprise', parts: 1, capFen: 300 },
      { payer: 'home', parts: 2 },
    ],
    { pools: { [home]: 10 } },
  );
  const answer = await redeemOne(sql, {
    ...city.item(await city.addMember(), benefit, noon),
    quantity: 2,
  });
  expect(answer).toMatchObject({ outcome: 'accepted', priceFen: 4500, coPaymentFen: 2000 });
  expect(await legs(answer)).toEqual([
    '1: members members → counter 2000',
    '2: discount discount → counter 1000',
    '3: enterprise → payable 600 for host',
    '4: home → payable 5400 for host',
  ]);
  const [paid] = await sql`select paid_fen(r) as fen from redemption r where id = ${answer.id}`;
  expect(paid).toEqual({ fen: 6000 });
});

test('in the shared pool its owner stands in for the home district', async () => {
  const benefit = await fund([{ payer: 'home', parts: 1 }]);
  expect(await legs(await use(benefit))).toEqual(['1: city → payable 4500 for host']);
});

test('a share that bears nothing has no leg, and a price of nothing has none', async () => {
  const shares: Share[] = [
    { payer: 'city', parts: 1 },
    { payer: 'discount', amountFen: 9_999 },
  ];
  expect(await legs(await use(await fund(shares)))).toEqual([
    '2: discount discount → counter 4500',
  ]);
  expect(await legs(await use(await fund(zibo, { price: 0 })))).toEqual([]);
  expect(await legs(await use(await fund(null, { price: 0 })))).toEqual([]);
});

test('the partner’s own price is paid, and never more than the benefit’s', async () => {
  const benefit = await fund(zibo);
  await sql`update benefit_partner set price_fen = 3001 where benefit_id = ${benefit}`;
  expect(await legs(await use(benefit))).toEqual([
    '1: city → payable 1000 for host',
    '2: host → payable 2001 for host',
  ]);
  await sql`update benefit set price_fen = 300 where id = ${benefit}`;
  expect(await legs(await use(benefit))).toEqual([
    '1: city → payable 100 for host',
    '2: host → payable 200 for host',
  ]);
});

test('the split is frozen: a new rule changes neither the answer nor the way back', async () => {
  const benefit = await fund([
    { payer: 'co_payment', amountFen: 500 },
    { payer: 'city', parts: 1 },
  ]);
  const item = await use(benefit);
  const before = await legs(item);
  await sql`
    update benefit set funding = ${sql.json(zibo)}, price_fen = 100 where id = ${benefit}`;
  expect(await redeemOne(sql, item)).toMatchObject({ outcome: 'replayed', coPaymentFen: 500 });
  expect(await undo(item)).toBe('reversed');
  expect(await legs(item)).toEqual(before);
  expect(await legs(item, 'reversal')).toEqual([
    '1: counter counter → members 500',
    '2: payable payable → city 4000 for host',
  ]);
  expect(await redeemOne(sql, item)).toMatchObject({ outcome: 'replayed', coPaymentFen: 500 });
});

test('in one batch each use has its own split', async () => {
  const benefits = [await fund(zibo), await fund(null), await fund(zibo, { price: 100 })];
  const member = await city.addMember();
  const items = Array.from({ length: 12 }, (_, i) => ({
    ...city.item(member, benefits[i % 3] ?? 0, noon),
    quantity: 1 + (i % 2),
  }));
  const answers = await redeem(sql, items);
  expect(answers.map(({ outcome }) => outcome)).toEqual(items.map(() => 'accepted'));
  expect(await Promise.all(items.slice(0, 6).map((item) => legs(item)))).toEqual([
    ['1: city → payable 1500 for host', '2: host → payable 3000 for host'],
    ['1: city → payable 9000 for host'],
    ['1: city → payable 33 for host', '2: host → payable 67 for host'],
    ['1: city → payable 3000 for host', '2: host → payable 6000 for host'],
    ['1: city → payable 4500 for host'],
    ['1: city → payable 67 for host', '2: host → payable 133 for host'],
  ]);
});

describe('a top-up', () => {
  const topped = async (base: number, more: number, shared = 0) => {
    const benefit = await fund(zibo, { pools: { [home]: base + more, shared } });
    await sql`
      update allocation set topped = ${more} where benefit_id = ${benefit} and district_id = ${home}`;
    return benefit;
  };
  const counters = async (benefit: number) =>
    sql`
      select used, topped_used from allocation where benefit_id = ${benefit} and district_id = ${home}`;

  test('is taken last, and paid by the pool’s district alone', async () => {
    const benefit = await topped(1, 1, 1);
    const uses = [await use(benefit), await use(benefit), await use(benefit)];
    expect(await Promise.all(uses.map((item) => legs(item)))).toEqual([
      ['1: city → payable 1500 for host', '2: host → payable 3000 for host'],
      ['1: home → payable 4500 for host'],
      ['1: city → payable 1500 for host', '2: host → payable 3000 for host'],
    ]);
    expect(await counters(benefit)).toEqual([{ used: 2, topped_used: 1 }]);
    expect(await outcomesOf(sql, [city.item(await city.addMember(), benefit, noon)])).toEqual([
      'quota_exhausted',
    ]);
  });

  test('gives its place back, and the base its own', async () => {
    const benefit = await topped(1, 1);
    const [base, more] = [await use(benefit), await use(benefit)];
    expect(await undo(more)).toBe('reversed');
    expect(await counters(benefit)).toEqual([{ used: 1, topped_used: 0 }]);
    const again = await use(benefit);
    expect(await undo(base)).toBe('reversed');
    expect(await counters(benefit)).toEqual([{ used: 1, topped_used: 1 }]);
    expect(await legs(again)).toEqual(['1: home → payable 4500 for host']);
  });

  test('serves one use whole or not at all', async () => {
    const benefit = await topped(1, 2, 2);
    expect(await legs(await use(benefit, { quantity: 2 }))).toEqual([
      '1: home → payable 9000 for host',
    ]);
    expect(await legs(await use(benefit, { quantity: 2 }))).toHaveLength(2);
    expect(await counters(benefit)).toEqual([{ used: 2, topped_used: 2 }]);
  });
});

describe('places of a month', () => {
  const december = new Date('2026-12-02T04:00:00Z');

  test('are those of the month of the scan', async () => {
    const benefit = await fund(null, { pools: {} });
    await sql`update benefit set quota_period = 'month' where id = ${benefit}`;
    await sql`
      insert into allocation (benefit_id, union_id, cap, starts_at)
      values (${benefit}, ${root}, 1, '2026-10-31T16:00Z'), (${benefit}, ${home}, 1, '2026-11-30T16:00Z')`;
    expect(await legs(await use(benefit))).toEqual(['1: city → payable 4500 for host']);
    const member = await city.addMember();
    expect(await outcomesOf(sql, [city.item(member, benefit, noon)])).toEqual(['quota_exhausted']);
    await setClock(sql, december.toISOString());
    const later = city.item(member, benefit, december);
    expect(await outcomesOf(sql, [later])).toEqual(['accepted']);
    expect(await legs(later)).toEqual(['1: home → payable 4500 for host']);
    // A scan of the last minute of a month takes that month's places.
    await setClock(sql, '2026-12-31T16:00:30Z');
    const late = city.item(member, benefit, new Date('2026-12-31T15:59:50Z'));
    expect(await outcomesOf(sql, [late])).toEqual(['quota_exhausted']);
    const next = city.item(member, benefit, new Date('2026-12-31T16:00:20Z'));
    expect(await outcomesOf(sql, [next])).toEqual(['no_allocation']);
  });
});

describe('a month that is closed', () => {
  const october = new Date('2026-10-31T15:59:00Z');

  test('keeps its redemptions, and takes no more, whoever writes them', async () => {
    const benefit = await fund(zibo);
    await setClock(sql, october.toISOString());
    const ask = async () => city.item(await city.addMember(), benefit, october);
    const [booked, undone, late] = [await ask(), await ask(), await ask()];
    expect(await outcomesOf(sql, [booked, undone])).toEqual(['accepted', 'accepted']);
    await setClock(sql, '2026-10-31T16:00:30Z');
    expect(await undo(undone)).toBe('reversed');
    await sql`insert into period (month, state, closing_at) values ('2026-10-01', 'closing', clock())`;
    expect(await undo(booked)).toBe('period_closed');
    expect(await legs(booked, 'reversal')).toEqual([]);
    // Scanned before midnight and written after: it is November's.
    expect(await outcomesOf(sql, [late])).toEqual(['accepted']);
    await setClock(sql, october.toISOString());
    expect(await outcomesOf(sql, [await ask()])).toEqual(['the month of a transfer is closed']);
  });
});

describe('without a network', () => {
  test('an earlier scan takes over the shares, the places and the counters of a later one, and back', async () => {
    const shares: Share[] = [{ payer: 'co_payment', amountFen: 500 }, ...zibo];
    const benefit = await fund(shares, { limit: [1, 'day'], pools: { [home]: 3 } });
    await sql`update benefit_partner set cap = 5, cap_a_day = 5 where benefit_id = ${benefit}`;
    await sql`update allocation set topped = 1 where benefit_id = ${benefit}`;
    await city.addPolicy(benefit, { variancePayer: 'district' });
    const device = await city.addDevice();
    const member = await city.addMember();
    const scan = (minute: number) =>
      city.offlineItem(member, benefit, device, null, new Date(noon.getTime() + minute * 60_000));
    await setClock(sql, '2026-11-18T06:00:00Z');
    const settle = async (...items: { id: string }[]) => {
      const answers = await redeem(sql, items as Item[]);
      await sql`select settle_offline(${items.map(({ id }) => id)}::uuid[])`;
      return answers.map(({ outcome }) => outcome);
    };
    const counters = async () => {
      const [row] = await sql`
        select a.used, p.used as admitted, p.used_on_day as today from allocation a
        join benefit_partner p on p.benefit_id = a.benefit_id where a.benefit_id = ${benefit}`;
      return row;
    };
    const [early, late] = [
      { ...scan(1), cardLeft: 9 },
      { ...scan(5), cardLeft: 9 },
    ];
    expect(await settle(late)).toEqual(['accepted']);
    const split = [
      '1: members members → counter 500',
      '2: city → payable 1333 for host',
      '3: host → payable 2667 for host',
    ];
    expect(await legs(late)).toEqual(split);
    expect(await settle(early)).toEqual(['limit_reached']);
    expect(await legs(early)).toEqual([
      '1: host variance → payable 4500 for host',
      '2: members members → counter 500',
      '3: city → payable 1333 for host',
      '4: host → payable 2667 for host',
    ]);
    expect(await legs(late)).toEqual([...split, '4: host variance → payable 4500 for host']);
    expect(await legs(late, 'reversal')).toHaveLength(3);
    expect(await counters()).toEqual({ used: 1, admitted: 1, today: 1 });
    const rows = await sql`
      select variance, co_payment_fen as "coPaymentFen" from redemption
      where benefit_id = ${benefit} order by at`;
    expect([...rows]).toEqual([
      { variance: null, coPaymentFen: 500 },
      { variance: 'limit_reached', coPaymentFen: 0 },
    ]);
  });

  test('what was booked in a month that is closed stays what it is', async () => {
    const benefit = await fund(zibo, { limit: [1, 'total'] });
    await city.addPolicy(benefit);
    const device = await city.addDevice();
    const member = await city.addMember();
    const scan = (day: number) => ({
      ...city.offlineItem(member, benefit, device, null, new Date(Date.UTC(2026, 7, day, 4))),
      cardLeft: 9,
    });
    const [early, late] = [scan(10), scan(20)];
    const upload = async (item: { id: string }) => {
      await sql`select * from redeem(${sql.json([item])})`;
      await sql`select settle_offline(array[${item.id}::uuid])`;
    };
    await setClock(sql, '2026-08-25T00:00:00Z');
    await upload(late);
    await setClock(sql, '2026-09-02T00:00:00Z');
    await sql`insert into period (month, state, closing_at) values ('2026-08-01', 'closing', clock())`;
    await upload(early);
    const rows = await sql<{ variance: string | null }[]>`
      select variance from redemption where benefit_id = ${benefit} order by at`;
    expect(rows.map(({ variance }) => variance)).toEqual(['limit_reached', null]);
    expect(await legs(late, 'reversal')).toEqual([]);
  });
});

test('what a scan shows is what the member will pay', async () => {
  const shares: Share[] = [
    { payer: 'co_payment', amountFen: 1500 },
    { payer: 'home', parts: 1 },
  ];
  const benefit = await fund(shares, { pools: { [home]: 2 } });
  await sql`update allocation set topped = 1 where benefit_id = ${benefit}`;
  const shown = async () => {
    const { card, jti, kid, exp, outlet, user, sessionAt } = city.item(
      await city.addMember(),
      benefit,
      noon,
    );
    const [row] = await sql<{ preview: { benefits: { id: number; coPaymentFen: number }[] } }[]>`
      select preview(${sql.json({ card, jti, kid, exp, outlet, user, sessionAt })}) as preview`;
    return row?.preview.benefits.find(({ id }) => id === benefit)?.coPaymentFen;
  };
  expect(await shown()).toBe(1500);
  await use(benefit);
  expect(await shown()).toBe(0);
  const item = await use(benefit);
  expect(await legs(item)).toEqual(['1: home → payable 4500 for host']);
});

describe('who may not redeem', () => {
  const refusal = async (benefit: number, outlet: Outlet = city.outlet) =>
    (
      await outcomesOf(sql, [
        { ...city.item(await city.addMember(), benefit, noon), outlet: outlet.id },
      ])
    )[0];

  test.each([
    ['testing', 'partner_not_admitted'],
    ['live', 'accepted'],
    ['paused', 'partner_paused'],
    ['ended', 'partner_paused'],
  ])('an admission that is %s: %s', async (state, outcome) => {
    const benefit = await fund(null);
    await sql`update benefit_partner set state = ${state} where benefit_id = ${benefit}`;
    expect(await refusal(benefit)).toBe(outcome);
  });

  test.each([
    ['draft', 'benefit_unknown'],
    ['test', 'benefit_unknown'],
    ['published', 'accepted'],
    ['ended', 'benefit_ended'],
  ])('a benefit that is %s: %s', async (stage, outcome) => {
    const benefit = await fund(null);
    await sql`update benefit set stage = ${stage} where id = ${benefit}`;
    expect(await refusal(benefit)).toBe(outcome);
  });

  test('an outlet that the admission does not name', async () => {
    const benefit = await fund(null);
    await sql`
      update benefit_partner set outlet_ids = ${[city.homeOutlet.id]} where benefit_id = ${benefit}`;
    expect(await refusal(benefit)).toBe('partner_not_admitted');
    expect(await refusal(benefit, city.homeOutlet)).toBe('accepted');
  });

  test('a partner that is paused, from then on', async () => {
    const benefit = await fund(null);
    const pause = (at: string | null) =>
      sql`
        update partner set paused_at = ${at}, pause_reason = ${at === null ? null : '停业'}
        where id = ${city.outlet.partner}`;
    await pause('2026-11-18T04:00:00.001Z');
    expect(await refusal(benefit)).toBe('accepted');
    await pause(noon.toISOString());
    expect(await refusal(benefit)).toBe('partner_paused');
    await pause(null);
  });
});

async function undo({ id, cell }: Item): Promise<string> {
  const { userId: user } = await city.addOfficer(root);
  const asked = {
    ...{ id: idIn(cell), redemptionId: id, reason: '退', user },
    ...{ sessionAt: new Date().toISOString(), secondFactorAt: new Date().toISOString() },
  };
  const [row] = await sql<{ outcome: string }[]>`
    select reverse_redemption(${sql.json(asked)}) ->> 'outcome' as outcome`;
  return row?.outcome ?? '';
}
