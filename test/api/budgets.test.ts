// Risk: money is promised that nobody has, a rule charges who never agreed, or one person spends what takes two.
import { expect, test } from 'vitest';
import type { Browser } from '../support/app.ts';
import { setClock } from '../support/clock.ts';
import { openConsole } from '../support/console.ts';
import { createDatabase } from '../support/database.ts';

const { sql } = await createDatabase();
const desk = await openConsole(sql);
const { root, home, host } = desk.city.unions;
const year = Number(new Date().toISOString().slice(0, 4));
const second = await desk.app.signIn('+8613800000077');
await sql`
  insert into officer (user_id, union_id, role) values (${second.userId}, ${root}, 'finance')`;
await second.passSecondFactor();

const reason = '调整';
const zibo = [
  { payer: 'city', parts: 1 },
  { payer: 'home', parts: 2 },
];
const tomorrow = () => new Date(Date.now() + 86_400_000).toISOString();
const threshold = (fen: number) => sql`update trade_union set two_person_fen = ${fen}`;

type Budget = { union: { id: number }; usedFen: number; reservedFen: number; version: number };

async function budgetOf(union: number): Promise<Budget | undefined> {
  const answer = await desk.at.city.get(`/api/unions/${root}/budgets/${year}`);
  const { budgets } = (await answer.json()) as { budgets: Budget[] };
  return budgets.find((one) => one.union.id === union);
}

test('the worked example is the split of a real use, and each payer’s budget shows its share', async () => {
  const preview = await desk.at.city.post('/api/funding-previews', {
    funding: zibo,
    priceFen: 6000,
    quantity: 1,
  });
  expect(await preview.json()).toEqual({ amountsFen: [2000, 4000] });
  const benefit = await desk.city.addBenefit({ price: 6000, pools: { [home]: 0 } });
  const set = await desk.at.city.patch(`/api/benefits/${benefit}/terms`, {
    version: 1,
    reason,
    funding: zibo,
  });
  expect(set.status).toBe(200);
  const before = { city: await budgetOf(root), home: await budgetOf(home) };
  const places = await desk.at.city.put(`/api/benefits/${benefit}/allocations/${home}`, {
    cap: 3,
    reason,
  });
  expect(places.status).toBe(200);
  await desk.redeem(benefit);
  const [city, district] = [await budgetOf(root), await budgetOf(home)];
  expect(city).toMatchObject({
    usedFen: (before.city?.usedFen ?? 0) + 2000,
    reservedFen: (before.city?.reservedFen ?? 0) + 4000,
  });
  expect(district).toMatchObject({
    usedFen: (before.home?.usedFen ?? 0) + 4000,
    reservedFen: (before.home?.reservedFen ?? 0) + 8000,
  });
});

test('a district neither charges the city nor, by a rule, the home district of strangers', async () => {
  const benefit = await desk.city.addBenefit({ union: home, pools: {} });
  const rule = (funding: unknown, version: number) =>
    desk.at.home.patch(`/api/benefits/${benefit}/terms`, { version, reason, funding });
  expect(await (await rule(zibo, 1)).json()).toMatchObject({ code: 'payer_not_yours' });
  expect((await rule([{ payer: 'home', parts: 1 }], 1)).status).toBe(200);
  const foreign = await desk.at.home.put(`/api/benefits/${benefit}/allocations/${host}`, {
    cap: 1,
    reason,
  });
  expect(await foreign.json()).toMatchObject({ code: 'payer_not_yours' });
});

test('what no budget has is refused with the figures, and changes nothing', async () => {
  const benefit = await desk.city.addBenefit({ price: 1000, pools: { shared: 1 } });
  const [kept] = await sql<{ amount: number }[]>`
    select amount_fen::float8 as amount from budget where union_id = ${root} and year = ${year}`;
  const now = await budgetOf(root);
  const bound = (now?.usedFen ?? 0) + (now?.reservedFen ?? 0);
  await sql`
    update budget set amount_fen = ${bound + 5000} where union_id = ${root} and year = ${year}`;
  const refused = await desk.at.city.put(`/api/benefits/${benefit}/allocations/shared`, {
    cap: 6,
    reason,
  });
  expect(refused.status).toBe(409);
  expect(await refused.json()).toMatchObject({
    code: 'budget_short',
    unionId: root,
    leftFen: 5000,
    neededFen: 6000,
  });
  const [pool] = await sql`select cap from allocation where benefit_id = ${benefit}`;
  expect(pool).toEqual({ cap: 1 });
  // A budget that is short by what nobody could reserve is no reason against what costs less.
  await sql`update budget set amount_fen = 0 where union_id = ${root} and year = ${year}`;
  const price = (priceFen: number, version: number) =>
    desk.at.city.patch(`/api/benefits/${benefit}/terms`, { version, reason, priceFen });
  expect((await price(900, 1)).status).toBe(200);
  expect(await (await price(901, 2)).json()).toMatchObject({ code: 'budget_short' });
  await sql`
    update budget set amount_fen = ${kept?.amount ?? 0} where union_id = ${root} and year = ${year}`;
});

test('above the threshold a budget and places wait for another person', async () => {
  const benefit = await desk.city.addBenefit({ price: 1000, pools: { shared: 1 } });
  await threshold(5000);
  const asked = await desk.at.city.put(`/api/benefits/${benefit}/allocations/shared`, {
    cap: 6,
    reason,
  });
  expect(asked.status).toBe(202);
  const { proposal } = (await asked.json()) as { proposal: { id: number } };
  const confirm = `/api/proposals/${proposal.id}/confirmation`;
  expect((await desk.at.city.post(confirm, {})).status).toBe(403);
  expect((await second.post(confirm, {})).status).toBe(200);
  const [pool] = await sql`select cap from allocation where benefit_id = ${benefit}`;
  expect(pool).toEqual({ cap: 6 });
  const [entry] = await sql`
    select user_id, confirmed_by from audit_entry
    where subject = 'benefit' and subject_id = ${String(benefit)} and action = 'allocation.set'`;
  expect(entry).toEqual({ user_id: desk.at.city.userId, confirmed_by: second.userId });
  const budget = await desk.at.city.put(`/api/unions/${host}/budgets/2031`, {
    amountFen: 20_000_000_000_000,
    alertPercents: [80],
    version: 1,
    reason,
  });
  expect(budget.status).toBe(202);
  await threshold(1_000_000_000_000_000);
});

test('places by month are set, topped up by the district alone, copied and opened', async () => {
  const benefit = await desk.city.addBenefit({ price: 1000, pools: {} });
  await sql`update benefit set quota_period = 'month' where id = ${benefit}`;
  const at = `/api/benefits/${benefit}`;
  const [from, month] = ['2097-01', '2097-02'];
  for (const pool of [home, 'shared'])
    expect(
      (await desk.at.city.put(`${at}/allocations/${pool}`, { cap: 10, month: from, reason }))
        .status,
    ).toBe(200);
  const more = { units: 4, month: from, reason };
  expect((await desk.at.host.put(`${at}/allocations/${home}/top-up`, more)).status).toBe(404);
  const topped = await desk.at.home.put(`${at}/allocations/${home}/top-up`, more);
  expect(await topped.json()).toEqual({ districtId: home, cap: 14, topped: 4 });
  const copied = await desk.at.city.post(`${at}/allocation-copies`, { from, month, reason });
  expect(await copied.json()).toEqual({ month, pools: 2 });
  const opened = await desk.at.city.post(`${at}/openings`, {
    from: home,
    to: 'shared',
    units: 3,
    month,
    returnsAt: tomorrow(),
    reason,
  });
  expect(opened.status).toBe(201);
  const shown = await desk.at.city.get(`${at}/allocations?month=${month}`);
  expect(await shown.json()).toMatchObject({
    month,
    months: [month, from],
    allocations: [
      { districtId: home, cap: 7, topped: 0 },
      { districtId: null, cap: 13 },
    ],
    openings: [{ fromId: home, toId: null, units: 3, returned: null }],
  });
  const next = '2097-03';
  expect(
    (await desk.at.city.post(`${at}/allocation-copies`, { from: month, month: next, reason }))
      .status,
  ).toBe(201);
  const after = await desk.at.city.get(`${at}/allocations?month=${next}`);
  expect(await after.json()).toMatchObject({
    allocations: [
      { districtId: home, cap: 10 },
      { districtId: null, cap: 10 },
    ],
    openings: [],
  });
});

test('a district spends neither the city’s money nor another’s by its own places', async () => {
  const benefit = await desk.city.addBenefit({ price: 6000, pools: {} });
  await sql`update benefit set funding = ${sql.json(zibo)} where id = ${benefit}`;
  const at = `/api/benefits/${benefit}`;
  const own = (cap: number) => desk.at.home.put(`${at}/allocations/${home}`, { cap, reason });
  expect((await desk.at.city.put(`${at}/allocations/${home}`, { cap: 10, reason })).status).toBe(
    200,
  );
  expect(await (await own(11)).json()).toMatchObject({ code: 'payer_not_yours' });
  expect((await own(9)).status).toBe(200);
  const open = async (to: number | 'shared') => {
    const asked = await desk.at.home.post(`${at}/openings`, {
      from: home,
      to,
      units: 3,
      returnsAt: tomorrow(),
      reason,
    });
    expect(asked.status).toBe(202);
    const { proposal } = (await asked.json()) as { proposal: { id: number } };
    return `/api/proposals/${proposal.id}/confirmation`;
  };
  const before = { city: await budgetOf(root), host: await budgetOf(host) };
  const [toAll, toHost] = [await open('shared'), await open(host)];
  expect((await desk.at.host.post(toAll, {})).status).toBe(404);
  expect({ city: await budgetOf(root), host: await budgetOf(host) }).toEqual(before);
  expect((await desk.at.host.post(toHost, {})).status).toBe(200);
  expect(await budgetOf(host)).toMatchObject({
    reservedFen: (before.host?.reservedFen ?? 0) + 3 * 4000,
  });
  expect(await budgetOf(root)).toMatchObject({ reservedFen: before.city?.reservedFen });
  expect((await desk.at.city.post(toAll, {})).status).toBe(409);
  expect((await desk.at.city.post(await open('shared'), {})).status).toBe(200);
  expect(await budgetOf(root)).toMatchObject({
    reservedFen: (before.city?.reservedFen ?? 0) + 3 * 4000,
  });
});

test('places opened in small steps take two persons once they are many', async () => {
  const benefit = await desk.city.addBenefit({ price: 1000, pools: { [home]: 9, shared: 0 } });
  await threshold(5000);
  const open = async () => {
    const json = { from: home, to: 'shared', units: 3, returnsAt: tomorrow(), reason };
    return (await desk.at.city.post(`/api/benefits/${benefit}/openings`, json)).status;
  };
  expect([await open(), await open()]).toEqual([201, 202]);
  await threshold(1_000_000_000_000_000);
});

test('a district adds nothing to a draft that is not its own, and its places are not made dearer without it', async () => {
  const benefit = await desk.city.addBenefit({ union: host, price: 1000, pools: {} });
  const topUp = () =>
    desk.at.home.put(`/api/benefits/${benefit}/allocations/${home}/top-up`, { units: 2, reason });
  await sql`update benefit set stage = 'draft' where id = ${benefit}`;
  expect((await topUp()).status).toBe(404);
  await sql`update benefit set stage = 'published' where id = ${benefit}`;
  expect((await topUp()).status).toBe(200);
  const reprice = (priceFen: number) =>
    desk.at.host.patch(`/api/benefits/${benefit}/terms`, {
      version: 1,
      reason,
      priceFen,
      faceValueFen: 9000,
    });
  expect(await (await reprice(5000)).json()).toMatchObject({ code: 'payer_not_yours' });
  expect((await reprice(900)).status).toBe(200);
});

test('places are given in months of the benefit that are not over, and never more than a pool can hold', async () => {
  const [first, last] = [`${year}-01-01T00:00:00Z`, `${year + 1}-02-01T00:00:00Z`];
  const benefit = await desk.city.addBenefit({ startsAt: first, endsAt: last, pools: {} });
  await sql`update benefit set quota_period = 'month' where id = ${benefit}`;
  const set = (month: string, cap: number) =>
    desk.at.city.put(`/api/benefits/${benefit}/allocations/${home}`, { cap, month, reason });
  expect(await (await set('2020-03', 5)).json()).toMatchObject({ code: 'period_closed' });
  expect(await (await set(`${year + 1}-06`, 5)).json()).toMatchObject({ code: 'invalid_request' });
  expect((await set(`${year + 1}-01`, 0)).status).toBe(200);
  const most = { units: 1_000_000_000, month: `${year + 1}-01`, reason };
  await sql`update allocation set cap = 1 where benefit_id = ${benefit}`;
  const topUp = desk.at.home.put(`/api/benefits/${benefit}/allocations/${home}/top-up`, most);
  expect(await (await topUp).json()).toMatchObject({ code: 'invalid_request' });
});

test('a benefit only moves on, and what a union above has stopped stays stopped', async () => {
  const benefit = await desk.city.addBenefit({ union: home, pools: {} });
  const at = `/api/benefits/${benefit}`;
  expect((await desk.at.city.post(`${at}/pause`, { reason })).status).toBe(200);
  expect((await desk.at.home.post(`${at}/resume`, { reason })).status).toBe(404);
  expect((await desk.at.city.post(`${at}/resume`, { reason })).status).toBe(200);
  // A pause of hers frees what the pause held, and not what the city had restricted before.
  const held = () => sql`select held_by as by from benefit where id = ${benefit}`;
  expect(await held()).toEqual([{ by: null }]);
  const [row] = await sql<{ version: number }[]>`select version from benefit where id = ${benefit}`;
  const restrict = { version: row?.version, isHeld: true, reason };
  expect((await desk.at.city.patch(`${at}/terms`, restrict)).status).toBe(200);
  expect((await desk.at.city.post(`${at}/pause`, { reason })).status).toBe(200);
  expect((await desk.at.city.post(`${at}/resume`, { reason })).status).toBe(200);
  expect(await held()).toEqual([{ by: root }]);
  await sql`update benefit set held_by = null where id = ${benefit}`;
  expect((await desk.at.home.put(`${at}/stage`, { stage: 'ended', reason })).status).toBe(200);
  const places = `${at}/allocations/${home}`;
  for (const changed of [
    desk.at.home.put(places, { cap: 5, reason }),
    desk.at.home.put(`${places}/top-up`, { units: 5, reason }),
    desk.at.home.post(`${at}/pause`, { reason }),
  ])
    expect((await changed).status).toBe(409);
  const pools = (await (await desk.at.home.get(`${at}/allocations`)).json()) as {
    canOpen: boolean;
  };
  const partners = await (await desk.at.home.get(`${at}/partners`)).json();
  expect([pools.canOpen, partners]).toMatchObject([false, { canAdmit: false }]);
  expect((await desk.at.home.put(`${at}/stage`, { stage: 'published', reason })).status).toBe(409);
});

test('a budget that runs low is told once a threshold, and again only after it was raised', async () => {
  const benefit = await desk.city.addBenefit({ price: 1000, pools: { shared: 1 } });
  await sql`update allocation set union_id = ${host} where benefit_id = ${benefit}`;
  await sql`select reserve_benefit(${benefit})`;
  const now = await budgetOf(host);
  const bound = (now?.usedFen ?? 0) + (now?.reservedFen ?? 0);
  const [kept] = await sql<{ amount: number }[]>`
    select amount_fen::float8 as amount from budget where union_id = ${host} and year = ${year}`;
  const setAmount = (fen: number) =>
    sql`update budget set amount_fen = ${fen} where union_id = ${host} and year = ${year}`;
  const raise = async () => {
    const rows = await Promise.all(
      [1, 2].map(() => sql<{ n: number }[]>`select alert_budgets(0, 1) as n`),
    );
    return rows.flat().reduce((sum, { n }) => sum + n, 0);
  };
  await setAmount(Math.floor(bound / 0.9));
  expect([await raise(), await raise()]).toEqual([1, 0]);
  await setAmount(bound);
  expect([await raise(), await raise()]).toEqual([1, 0]);
  await setAmount(bound * 2);
  expect(await raise()).toBe(0);
  await sql`
    update allocation set cap = cap + ${Math.ceil(bound / 1000)} where benefit_id = ${benefit}`;
  await sql`select reserve_benefit(${benefit})`;
  expect(await raise()).toBe(2);
  const listed = async (browser: Browser) => {
    const answer = await browser.get('/api/alerts?state=open');
    const { alerts } = (await answer.json()) as { alerts: { id: number; budget: unknown }[] };
    return alerts.filter(({ budget }) => budget !== null);
  };
  expect((await listed(desk.at.host)).map(({ budget }) => budget)).toEqual(
    [
      [95, bound * 2],
      [80, bound * 2],
      [95, bound],
      [80, Math.floor(bound / 0.9)],
    ].map(([percent, amountFen]) => ({ unionId: host, year, percent, amountFen })),
  );
  expect(await listed(desk.at.home)).toEqual([]);
  const [newest] = await listed(desk.at.host);
  const closed = await desk.at.host.post(`/api/alerts/${newest?.id}/close`, { reason });
  expect(closed.status).toBe(200);
  expect(await raise()).toBe(0);
  await sql`update benefit set stage = 'ended' where id = ${benefit}`;
  await sql`select reserve_benefit(${benefit})`;
  await setAmount(kept?.amount ?? 0);
});

test('a district pays for its own members at another’s benefit once it has agreed, as it was, and until the return', async () => {
  const benefit = await desk.city.addBenefit({ union: home, price: 1000, pools: {} });
  const at = `/api/benefits/${benefit}`;
  const change = async (browser: Browser, asked: object) => {
    const [{ version } = { version: 0 }] = await sql<{ version: number }[]>`
      select version from benefit where id = ${benefit}`;
    return browser.patch(`${at}/terms`, { version, reason, ...asked });
  };
  const rule = { funding: [{ payer: 'home', parts: 1 }] };
  expect((await change(desk.at.home, rule)).status).toBe(200);
  const places = { cap: 10, reason };
  expect((await desk.at.home.put(`${at}/allocations/${home}`, places)).status).toBe(200);
  const open = async () => {
    const asked = await desk.at.home.post(`${at}/openings`, {
      from: home,
      to: host,
      units: 4,
      returnsAt: tomorrow(),
      reason,
    });
    expect(asked.status).toBe(202);
    const { proposal } = (await asked.json()) as { proposal: { id: number } };
    return `/api/proposals/${proposal.id}/confirmation`;
  };
  const unseen = await desk.at.host.get(`${at}/allocations`);
  expect(unseen.status).toBe(404);
  const stale = await open();
  expect((await change(desk.at.home, { priceFen: 900 })).status).toBe(200);
  expect(await (await desk.at.host.post(stale, {})).json()).toMatchObject({
    code: 'proposal_stale',
  });
  const before = { home: await budgetOf(home), host: await budgetOf(host) };

  const asked = await open();
  expect((await desk.at.home.post(asked, {})).status).toBe(403);
  expect((await desk.at.viewer.post(asked, {})).status).toBe(404);
  expect(await budgetOf(host)).toEqual(before.host);
  expect((await desk.at.host.post(asked, {})).status).toBe(200);
  expect((await desk.at.host.post(asked, {})).status).toBe(409);
  const moved = { home: await budgetOf(home), host: await budgetOf(host) };
  expect(moved.home?.reservedFen).toBe((before.home?.reservedFen ?? 0) - 3600);
  expect(moved.host?.reservedFen).toBe((before.host?.reservedFen ?? 0) + 3600);
  for (const browser of [desk.at.home, desk.at.host]) {
    const shown = await browser.get(`${at}/allocations`);
    expect(await shown.json()).toMatchObject({
      openings: [{ fromId: home, toId: host, units: 4, returned: null }],
    });
  }
  const dearer = await change(desk.at.home, { priceFen: 1000 });
  expect(await dearer.json()).toMatchObject({ code: 'payer_not_yours' });

  await desk.redeem(benefit, 1, {
    member: await desk.city.addMember({ enterprise: desk.city.unions.hostEnterprise }),
  });
  await sql`
    update opening set returns_at = clock()
    where returned_at is null
      and from_id in (select id from allocation where benefit_id = ${benefit})`;
  await sql`select return_openings(clock())`;
  expect(await budgetOf(home)).toMatchObject({
    usedFen: before.home?.usedFen,
    reservedFen: (before.home?.reservedFen ?? 0) - 900,
  });
  expect(await budgetOf(host)).toMatchObject({
    usedFen: (before.host?.usedFen ?? 0) + 900,
    reservedFen: before.host?.reservedFen,
  });
});

test('the overview and the budgets’ page name the same day', async () => {
  const benefit = await desk.city.addBenefit({ price: 1000, pools: { shared: 100 } });
  const past = new Date(Date.now() - 3 * 86_400_000);
  await setClock(sql, past.toISOString());
  await desk.redeem(benefit, 1, { at: past.toISOString() });
  await setClock(sql, null);
  const now = await budgetOf(root);
  const setAmount = (fen: number) =>
    sql`update budget set amount_fen = ${fen} where union_id = ${root} and year = ${year}`;
  await setAmount(now?.usedFen ?? 0);
  const overview = await desk.at.city.get(`/api/unions/${root}/overview`);
  const { budget } = (await overview.json()) as { budget: { endsOn: string } };
  expect(await budgetOf(root)).toMatchObject({ endsOn: budget.endsOn });
  expect(budget.endsOn).toMatch(/^\d{4}-/);
});
