// Risk: one person moves what takes two, in steps that are each small enough, through an office that he lent, or by
// growing what he proposed once it is on the second person's desk.
import { beforeEach, expect, test } from 'vitest';
import type { Browser } from '../support/app.ts';
import { setClock } from '../support/clock.ts';
import { expectStatus, problemOf } from '../support/counter.ts';
import { type Console, openConsole, signInSomebody } from '../support/console.ts';
import { createDatabase } from '../support/database.ts';

const { sql } = await createDatabase();
const reason = '年度安排';

let desk: Console;
let second: Browser;

beforeEach(async () => {
  desk = await openConsole(sql);
  second = await officer('finance', desk.city.unions.root);
  await sql`update trade_union set two_person_fen = 10000`;
});

async function officer(role: string, union: number): Promise<Browser> {
  const browser = await signInSomebody(desk.app);
  await sql`insert into officer (user_id, union_id, role) values (${browser.userId}, ${union}, ${role})`;
  await browser.passSecondFactor();
  return browser;
}

const lend = (lender: Browser, union: number, to: Browser) => sql`
  insert into delegation (officer_id, user_id, reason, starts_at, ends_at)
  select id, ${to.userId}, '', '2020-01-01Z', clock() + interval '1 day' from officer
  where user_id = ${lender.userId} and union_id = ${union}`;

const confirm = (by: Browser, id: number) => by.post(`/api/proposals/${id}/confirmation`, {});

const asked = async (answer: Promise<Response>) =>
  (await expectStatus<{ proposal: { id: number } }>(answer, 202)).proposal.id;

const setCap = (benefit: number, pool: number | 'shared', cap: number) =>
  desk.at.city.put(`/api/benefits/${benefit}/allocations/${pool}`, { cap, reason });

test('who holds two offices and lends one of them is not two persons', async () => {
  const { root, home } = desk.city.unions;
  const lender = await officer('finance', root);
  await sql`
    insert into officer (user_id, union_id, role) values (${lender.userId}, ${home}, 'finance')`;
  const borrower = await officer('viewer', home);
  await lend(lender, home, borrower);
  const raise = (by: Browser, amountFen: number) =>
    by.put(`/api/unions/${home}/budgets/2041`, {
      amountFen,
      alertPercents: [80],
      version: 1,
      reason,
    });
  const richer = 20_000_000_000_000;
  const [byLender, byBorrower] = [
    await asked(raise(lender, richer)),
    await asked(raise(borrower, richer)),
  ];
  expect(await problemOf(confirm(borrower, byLender))).toMatchObject({ code: 'proposal_own' });
  expect(await problemOf(confirm(lender, byBorrower))).toMatchObject({ code: 'proposal_own' });
  // Nor do two to whom one person lent an office each.
  const another = await officer('viewer', root);
  await lend(lender, root, another);
  expect(await problemOf(confirm(another, byBorrower))).toMatchObject({ code: 'proposal_own' });
  await expectStatus(confirm(second, byBorrower), 200);
});

test('places in many small pools count together', async () => {
  const { home, host } = desk.city.unions;
  const benefit = await desk.city.addBenefit({ price: 1000, pools: { [home]: 0, [host]: 0 } });
  expect((await setCap(benefit, home, 6)).status).toBe(200);
  const id = await asked(setCap(benefit, host, 6));
  const [waiting] = await sql`select amount_fen::int as fen from proposal where id = ${id}`;
  expect(waiting).toEqual({ fen: 12_000 });
  // Fewer places take nobody's yes.
  expect((await setCap(benefit, home, 5)).status).toBe(200);
});

test('places opened in many small steps count together until they are back', async () => {
  const { home } = desk.city.unions;
  const benefit = await desk.city.addBenefit({ price: 1000, pools: { [home]: 30, shared: 0 } });
  const open = (units: number) =>
    desk.at.city.post(`/api/benefits/${benefit}/openings`, {
      from: home,
      to: 'shared',
      units,
      month: null,
      returnsAt: new Date(Date.now() + 86_400_000).toISOString(),
      reason,
    });
  expect((await open(6)).status).toBe(201);
  const id = await asked(open(6));
  await sql`
    update opening set returns_at = clock()
    where from_id in (select id from allocation where benefit_id = ${benefit})`;
  await sql`select return_openings(clock())`;
  // What it would have opened was looked at with other places.
  expect(await problemOf(confirm(second, id))).toMatchObject({ code: 'proposal_stale' });
  expect((await open(6)).status).toBe(201);
});

test('a price that was proposed for some places is not confirmed for more', async () => {
  const benefit = await desk.city.addBenefit({ price: 10, pools: { shared: 20 } });
  const reprice = (version: number) =>
    desk.at.city.patch(`/api/benefits/${benefit}/terms`, {
      version,
      reason,
      priceFen: 1000,
      faceValueFen: 1000,
    });
  const id = await asked(reprice(1));
  expect((await setCap(benefit, 'shared', 900)).status).toBe(200);
  expect(await problemOf(confirm(second, id))).toMatchObject({ code: 'proposal_stale' });
  const [kept] = await sql`select price_fen as price from benefit where id = ${benefit}`;
  expect(kept).toEqual({ price: 10 });
  const again = await asked(reprice(1));
  expect((await setCap(benefit, 'shared', 800)).status).toBe(200);
  await expectStatus(confirm(second, again), 200);
});

test('terms and places that nobody can confirm are refused when they are proposed, and nothing waits or has changed', async () => {
  const { home } = desk.city.unions;
  const benefit = await desk.city.addBenefit({ price: 1000, pools: { shared: 20 } });
  const change = (what: Record<string, unknown>) =>
    desk.at.city.patch(`/api/benefits/${benefit}/terms`, { version: 1, reason, ...what });
  const dearer = { priceFen: 2000, faceValueFen: 2000 };
  expect(await problemOf(change({ ...dearer, cap: 19 }))).toMatchObject({
    code: 'cap_above_benefit',
  });
  expect(await problemOf(change({ ...dearer, quotaPeriod: 'month' }))).toMatchObject({
    fields: [{ field: 'quotaPeriod' }],
  });
  // The partner was admitted without a cap of uses, and its district never asked.
  expect(await problemOf(change({ funding: [{ payer: 'host', parts: 1 }] }))).toMatchObject({
    fields: [{ field: 'funding' }],
  });
  const foreign = await desk.city.addBenefit({
    union: desk.city.unions.host,
    price: 1000,
    pools: { shared: 20, [home]: 20 },
  });
  const strange = { version: 1, reason, funding: [{ payer: 'home', parts: 1 }] };
  expect(
    await problemOf(desk.at.host.patch(`/api/benefits/${foreign}/terms`, strange)),
  ).toMatchObject({ code: 'payer_not_yours' });
  await sql`update benefit set cap = 30 where id = ${benefit}`;
  expect(await problemOf(setCap(benefit, 'shared', 31))).toMatchObject({
    ...{ code: 'cap_above_benefit', cap: 30, allocated: 0 },
  });
  expect(
    await sql`select from proposal where subject_id in (${String(benefit)}, ${String(foreign)})`,
  ).toHaveLength(0);
  const kept = await sql`select version from benefit where id in (${benefit}, ${foreign})`;
  expect(kept).toEqual([{ version: 1 }, { version: 1 }]);
  const id = await asked(change(dearer));
  expect(await sql`select version from benefit where id = ${benefit}`).toEqual([{ version: 1 }]);
  await expectStatus(confirm(second, id), 200);
});

test('what waits is told on what it is about, to whose money it is, until it is decided', async () => {
  const { root, home, host } = desk.city.unions;
  const benefit = await desk.city.addBenefit({
    price: 2000,
    pools: { [home]: 10, [host]: 10, shared: 0 },
  });
  const seen = async (by: Browser) => {
    const [places, terms] = await Promise.all([
      expectStatus<{ proposedPools: unknown }>(by.get(`/api/benefits/${benefit}/allocations`), 200),
      expectStatus<{ isProposed: boolean }>(by.get(`/api/benefits/${benefit}/terms`), 200),
    ]);
    return [places.proposedPools, terms.isProposed];
  };
  const viewer = await officer('viewer', root);
  expect(await seen(desk.at.city)).toEqual([[], false]);
  const places = await asked(setCap(benefit, host, 11));
  expect(await seen(second)).toEqual([[host], false]);
  await asked(
    desk.at.city.post(`/api/benefits/${benefit}/openings`, {
      ...{ from: home, to: 'shared', units: 9, month: null, reason },
      returnsAt: new Date(Date.now() + 86_400_000).toISOString(),
    }),
  );
  await sql`update trade_union set two_person_fen = 0`;
  const dearer = { version: 1, reason, priceFen: 3000, faceValueFen: 3000 };
  await asked(desk.at.city.patch(`/api/benefits/${benefit}/terms`, dearer));
  const both = [home, host].sort((a, b) => a - b);
  for (const browser of [desk.at.city, second])
    expect(await seen(browser)).toEqual([[null, ...both], true]);
  for (const browser of [viewer, desk.at.home]) expect(await seen(browser)).toEqual([[], false]);
  await expectStatus(confirm(second, places), 200);
  expect(await seen(second)).toEqual([[null, home], true]);
  await sql`update proposal set expires_at = clock() where subject_id = ${String(benefit)}`;
  expect(await seen(second)).toEqual([[], false]);

  const budget = async (by: Browser, year: number) => {
    const { budgets } = await expectStatus<{
      budgets: { union: { id: number }; isProposed: boolean }[];
    }>(by.get(`/api/unions/${home}/budgets/${year}`), 200);
    return budgets.find(({ union }) => union.id === home)?.isProposed;
  };
  const richer = { amountFen: 20_000_000_000_000, alertPercents: [80], version: 1, reason };
  await asked(desk.at.home.put(`/api/unions/${home}/budgets/2042`, richer));
  expect(await Promise.all([2041, 2042].map((year) => budget(second, year)))).toEqual([
    false,
    true,
  ]);
  expect(await budget(viewer, 2042)).toBe(false);
});

test('an end that brings places of a closed month back is money', async () => {
  const benefit = await desk.city.addBenefit({
    price: 1000,
    pools: { shared: 20 },
    startsAt: '2026-01-01T00:00:00Z',
    endsAt: '2026-03-15T00:00:00Z',
  });
  await sql`
    insert into period (month, state, closing_at, closing_by, closed_at, hash)
    values ('2026-03-01', 'closed', '2026-04-01Z', 'u', '2026-04-01Z', repeat('0', 64))
    on conflict do nothing`;
  await setClock(sql, '2026-11-10T04:00:00Z');
  const extend = (by: Browser) =>
    by.patch(`/api/benefits/${benefit}/terms`, {
      version: 1,
      reason,
      endsAt: '2026-12-31T00:00:00Z',
    });
  expect((await extend(await officer('editor', desk.city.unions.root))).status).toBe(404);
  const id = await asked(extend(desk.at.city));
  await expectStatus(confirm(second, id), 200);
  const [held] = await sql`
    select unit_fen::int as fen from reservation r join allocation a on a.id = r.allocation_id
    where a.benefit_id = ${benefit} and r.released_at is null`;
  expect(held).toEqual({ fen: 1000 });
  await setClock(sql, null);
});
