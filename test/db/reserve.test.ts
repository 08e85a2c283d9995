// Risk: two confirmations spend the same money, a use costs more than was reserved for it, or what comes back is lost.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Share } from '../../db/schema/benefits.ts';
import { buildCity } from '../support/city.ts';
import { createDatabase } from '../support/database.ts';
import { without } from '../support/vary.ts';

const database = await createDatabase();
const { sql } = database;
const city = await buildCity(sql);
const { root, home, host } = city.unions;
const year = new Date().getUTCFullYear();

type State = { amount: number; used: number; reserved: number };

async function stateOf(union: number): Promise<State> {
  const [state] = await sql<State[]>`
    select s.amount_fen::float8 as amount, s.used_fen::float8 as used, s.reserved_fen::float8 as reserved
    from budget g, budget_states(array[g.id]) s where g.union_id = ${union} and g.year = ${year}`;
  if (!state) throw new Error('There is no such budget.');
  return state;
}

async function setAmount(union: number, amount: number): Promise<void> {
  await sql`update budget set amount_fen = ${amount} where union_id = ${union} and year = ${year}`;
}

const reserve = (benefit: number) =>
  sql.begin(async (tx) => {
    await tx`select from benefit where id = ${benefit} for no key update`;
    await tx`select reserve_benefit(${benefit})`;
  });

const detailOf = async (work: Promise<unknown>): Promise<unknown> => {
  try {
    await work;
    return null;
  } catch (error) {
    const { message, detail } = error as { message: string; detail: string };
    return { message, ...(JSON.parse(detail) as object) };
  }
};

async function freshCity() {
  const fresh = await buildCity(sql);
  return { fresh, ...fresh.unions };
}

test('a split never costs a payer more a unit than was reserved for it', async () => {
  const share = (payer: Share['payer']) =>
    fc.oneof(
      fc.record({ payer: fc.constant(payer), parts: fc.integer({ min: 1, max: 9 }) }),
      fc.record({
        payer: fc.constant(payer),
        parts: fc.integer({ min: 1, max: 9 }),
        capFen: fc.nat(3000),
      }),
      fc.record({ payer: fc.constant(payer), amountFen: fc.nat(3000) }),
      fc.record({ payer: fc.constant(payer), amountFen: fc.nat(3000), capFen: fc.nat(3000) }),
    );
  const rule = fc.tuple(
    share('city'),
    share('home'),
    share('co_payment'),
    share('host'),
    fc.record({ payer: fc.constant('owner' as const), parts: fc.integer({ min: 1, max: 9 }) }),
  );
  const uses = fc.sample(
    fc.record({
      rule,
      price: fc.nat(9000),
      lower: fc.nat(9000),
      quantity: fc.integer({ min: 1, max: 9 }),
    }),
    { numRuns: 2_000, seed: 7 },
  );
  const [found] = await sql<{ wrong: number; all: number }[]>`
    select count(*) filter (where not x.holds)::int as wrong, count(*)::int as all
    from (
      select (
        select bool_and(s.fen <= m.fen * (u->>'quantity')::int)
        from unnest(split(u->'rule', least((u->>'lower')::bigint, (u->>'price')::bigint), (u->>'quantity')::int))
          with ordinality s (fen, i)
        join unnest(split_most(u->'rule', (u->>'price')::bigint)) with ordinality m (fen, i) using (i)
      ) as holds
      from jsonb_array_elements(${sql.json(uses)}) u
    ) x`;
  expect(found).toEqual({ wrong: 0, all: 2_000 });
});

test('places reserve cap × highest price from their payers, and a use moves it to what is used', async () => {
  const { fresh, root: atCity, home: atHome } = await freshCity();
  const benefit = await fresh.addBenefit({ price: 4500, pools: { [atHome]: 10, shared: 4 } });
  await sql`
    update benefit set funding = ${sql.json([
      { payer: 'co_payment', amountFen: 300 },
      { payer: 'city', parts: 1 },
      { payer: 'home', parts: 2 },
    ])} where id = ${benefit}`;
  await reserve(benefit);
  expect(await stateOf(atHome)).toMatchObject({ used: 0, reserved: 28_000 });
  expect(await stateOf(atCity)).toMatchObject({ used: 0, reserved: 10 * 1400 + 4 * 4200 });
  const item = fresh.item(await fresh.addMember(), benefit);
  const [answer] = await sql<
    { outcome: string }[]
  >`select outcome from redeem(${sql.json([item])})`;
  expect(answer?.outcome).toBe('accepted');
  expect(await stateOf(atHome)).toMatchObject({ used: 2_800, reserved: 25_200 });
  expect(await stateOf(atCity)).toMatchObject({ used: 1_400, reserved: 9 * 1400 + 4 * 4200 });
});

test('without a budget, or the money in it, nothing is reserved, and the refusal names it', async () => {
  const { fresh, root: atCity } = await freshCity();
  const benefit = await fresh.addBenefit({ price: 1000, pools: { shared: 5 } });
  await setAmount(atCity, 4_999);
  expect(await detailOf(reserve(benefit))).toEqual({
    message: 'budget_short',
    unionId: atCity,
    year,
    leftFen: 4_999,
    neededFen: 5_000,
  });
  expect(await stateOf(atCity)).toMatchObject({ reserved: 0 });
  await sql`delete from budget where union_id = ${atCity} and year = ${year}`;
  expect(await detailOf(reserve(benefit))).toEqual({
    message: 'budget_missing',
    unionId: atCity,
    year,
  });
});

/** Sixteen benefits at once want the last money of one budget, which is enough for five. */
async function raceForMoney(): Promise<State> {
  const { fresh, root: atCity } = await freshCity();
  const benefits = await Promise.all(
    Array.from({ length: 16 }, () => fresh.addBenefit({ price: 1000, pools: { shared: 10 } })),
  );
  await setAmount(atCity, 55_000);
  const many = database.connect({ max: 16 });
  await Promise.allSettled(
    benefits.map((benefit) => many.begin((tx) => tx`select reserve_benefit(${benefit})`)),
  );
  return stateOf(atCity);
}

test('who confirms at once never reserves more than a budget has', async () => {
  expect(await raceForMoney()).toMatchObject({ reserved: 50_000 });
});

test('without the budgets’ lock they would', async () => {
  await without(sql, 'lock_budgets', [['for no key update of g', '']], async () => {
    let most = 0;
    for (let round = 0; round < 5 && most <= 55_000; round += 1)
      most = (await raceForMoney()).reserved;
    expect(most).toBeGreaterThan(55_000);
  });
});

async function openPlaces(units: number) {
  const { fresh, root: atCity, home: atHome } = await freshCity();
  const benefit = await fresh.addBenefit({ price: 1000, pools: { [atHome]: 10, shared: units } });
  await reserve(benefit);
  const [made] = await sql<{ id: number }[]>`
    insert into opening (from_id, to_id, units, returns_at, opened_at)
    select f.id, t.id, ${units}, clock(), clock() from allocation f, allocation t
    where f.benefit_id = ${benefit} and f.district_id = ${atHome}
      and t.benefit_id = ${benefit} and t.district_id is null returning id`;
  return { fresh, benefit, atCity, opening: made?.id ?? 0 };
}

const capsOf = (benefit: number) => sql<{ cap: number; used: number }[]>`
  select cap, used from allocation where benefit_id = ${benefit} order by district_id nulls last`;

test('places that are opened come back once, as far as they are unused, whoever uses one at that moment', async () => {
  const { fresh, benefit, opening } = await openPlaces(20);
  const members = await Promise.all(
    Array.from({ length: 16 }, () => fresh.addMember({ enterprise: fresh.unions.hostEnterprise })),
  );
  const many = database.connect({ max: 24 });
  const uses = members.map(async (member) => {
    const [answer] = await many<{ outcome: string }[]>`
      select outcome from redeem(${sql.json([fresh.item(member, benefit)])})`;
    return answer?.outcome;
  });
  const returns = Array.from({ length: 8 }, () => many`select return_openings(clock())`);
  const outcomes = await Promise.all(uses);
  await Promise.all(returns);
  const accepted = outcomes.filter((outcome) => outcome === 'accepted').length;
  expect(
    outcomes.filter((outcome) => outcome !== 'accepted' && outcome !== 'quota_exhausted'),
  ).toEqual([]);
  const [from, to] = await capsOf(benefit);
  const [back] = await sql<
    { returned: number }[]
  >`select returned from opening where id = ${opening}`;
  expect(to).toEqual({ cap: accepted, used: accepted });
  expect(from?.cap).toBe(30 - accepted);
  expect(back?.returned).toBe(20 - accepted);
});

test('without the counters’ lock a use in between breaks the return', async () => {
  const lock = "perform lock_places(due.benefit_id, '{}');";
  await without(sql, 'return_openings', [[lock, '']], async () => {
    const { fresh, benefit } = await openPlaces(1);
    const member = await fresh.addMember({ enterprise: fresh.unions.hostEnterprise });
    const [one, other] = [database.connect({ max: 1 }), database.connect({ max: 1 })];
    const [self] = await other<{ pid: number }[]>`select pg_backend_pid() as pid`;
    let returning: Promise<unknown> = Promise.resolve();
    await one.begin(async (tx) => {
      await tx`select outcome from redeem(${sql.json([fresh.item(member, benefit)])})`;
      returning = other`select return_openings(clock())`.then(
        () => 'done',
        () => 'failed',
      );
      await expect
        .poll(async () => {
          const [row] = await sql<{ waits: boolean }[]>`
          select cardinality(pg_blocking_pids(${self?.pid ?? 0})) > 0 as waits`;
          return row?.waits;
        })
        .toBe(true);
    });
    expect(await returning).toBe('failed');
  });
});

test('places that no money is left for lapse instead of coming back', async () => {
  const { benefit, atCity, opening } = await openPlaces(5);
  await sql`
    update benefit set price_fen = 500 where id = ${benefit}`;
  await reserve(benefit);
  await sql`
    update allocation set union_id = ${home} where benefit_id = ${benefit} and district_id is not null`;
  const before = await stateOf(home);
  await setAmount(home, before.used + before.reserved);
  await sql`select return_openings(clock())`;
  await setAmount(home, before.amount);
  const [from, to] = await capsOf(benefit);
  expect([from?.cap, to?.cap]).toEqual([10, 0]);
  const [back] = await sql<
    { returned: number }[]
  >`select returned from opening where id = ${opening}`;
  expect(back?.returned).toBe(0);
  expect((await stateOf(atCity)).reserved).toBeLessThanOrEqual((await stateOf(atCity)).amount);
});

test('what was reserved is free again when the benefit has ended', async () => {
  const { fresh, root: atCity } = await freshCity();
  const benefit = await fresh.addBenefit({ price: 1000, pools: { shared: 5 } });
  await reserve(benefit);
  expect(await stateOf(atCity)).toMatchObject({ reserved: 5_000 });
  await sql`update benefit set stage = 'ended' where id = ${benefit}`;
  await sql`select release_reservations()`;
  expect(await stateOf(atCity)).toMatchObject({ reserved: 0 });
});

test('what becomes less stays reserved in the year where it is, until the next has the money', async () => {
  const { fresh, root: atCity } = await freshCity();
  const benefit = await fresh.addBenefit({ price: 1000, pools: { shared: 5 } });
  await reserve(benefit);
  await sql`delete from budget where union_id = ${atCity} and year <> ${year}`;
  await sql`update budget set year = ${year - 1} where union_id = ${atCity}`;
  await sql`update benefit set price_fen = 900 where id = ${benefit}`;
  await sql`select reserve_benefit(${benefit}, false)`;
  await sql`select release_reservations()`;
  const [kept] = await sql`
    select s.year, s.reserved_fen::int as reserved
    from budget g, budget_states(array[g.id]) s where g.union_id = ${atCity} and s.reserved_fen > 0`;
  expect(kept).toEqual({ year: year - 1, reserved: 4_500 });
});

test('an admission reserves the shares of its partner’s district, as far as its cap', async () => {
  const { fresh, root: atCity, host: atHost } = await freshCity();
  const benefit = await fresh.addBenefit({ price: 4500, pools: { shared: 4 } });
  await sql`
    update benefit set funding = ${sql.json([
      { payer: 'city', parts: 1 },
      { payer: 'headquarters', parts: 2 },
    ])}
    where id = ${benefit}`;
  await sql`update benefit_partner set cap = 3 where benefit_id = ${benefit}`;
  await reserve(benefit);
  expect(await stateOf(atHost)).toMatchObject({ reserved: 9_000 });
  expect(await stateOf(atCity)).toMatchObject({ reserved: 6_000 });
  const item = fresh.item(await fresh.addMember(), benefit);
  await sql`select outcome from redeem(${sql.json([item])})`;
  expect(await stateOf(atHost)).toMatchObject({ used: 3_000, reserved: 6_000 });
  expect(root).not.toBe(host);
});
