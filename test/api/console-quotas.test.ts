// Risk: a cap falls below what is used, the pools outgrow their benefit, or a district changes another's places.
import { expect, test } from 'vitest';
import type { Browser } from '../support/app.ts';
import { openConsole } from '../support/console.ts';
import { createDatabase } from '../support/database.ts';

const database = await createDatabase();
const { sql } = database;
const desk = await openConsole(sql);
const { root, home, host } = desk.city.unions;

const set = (browser: Browser, benefit: number, pool: number | 'shared', cap: number) =>
  browser.put(`/api/benefits/${benefit}/allocations/${pool}`, { cap, reason: '调整名额' });

async function caps(benefit: number): Promise<Record<string, number>> {
  const rows = await sql<{ pool: string; cap: number }[]>`
    select coalesce(district_id::text, 'shared') as pool, cap from allocation
    where benefit_id = ${benefit}`;
  return Object.fromEntries(rows.map(({ pool, cap }) => [pool, cap]));
}

test('a district sets its own cap of a city benefit and neither the shared nor another district’s', async () => {
  const benefit = await desk.addCityBenefit();
  const own = await set(desk.at.home, benefit, home, 7);
  expect(await own.json()).toEqual({ districtId: home, cap: 7, used: 0 });
  expect((await set(desk.at.home, benefit, host, 7)).status).toBe(404);
  expect((await set(desk.at.home, benefit, 'shared', 7)).status).toBe(404);
  expect((await set(desk.at.viewer, benefit, home, 8)).status).toBe(404);
  expect(await caps(benefit)).toEqual({ [home]: 7, [host]: 10, shared: 10 });
  expect(await desk.entries('benefit', benefit)).toMatchObject([
    {
      user_id: desk.at.home.userId,
      union_id: home,
      action: 'allocation.set',
      reason: '调整名额',
      before: { districtId: home, cap: 10 },
      after: { districtId: home, cap: 7 },
    },
  ]);
});

test('the same cap again changes nothing and records nothing', async () => {
  const benefit = await desk.addCityBenefit();
  expect((await set(desk.at.city, benefit, 'shared', 10)).status).toBe(200);
  expect(await desk.entries('benefit', benefit)).toEqual([]);
});

test('a pool is opened by who runs the benefit alone, and paid for by the district below him', async () => {
  const benefit = await desk.addCityBenefit();
  await sql`delete from allocation where benefit_id = ${benefit} and district_id = ${host}`;
  expect((await set(desk.at.host, benefit, host, 5)).status).toBe(404);
  expect((await set(desk.at.city, benefit, host, 5)).status).toBe(200);
  expect((await set(desk.at.city, benefit, root, 5)).status).toBe(404);
  const [opened] = await sql`
    select union_id, cap from allocation where benefit_id = ${benefit} and district_id = ${host}`;
  expect(opened).toEqual({ union_id: host, cap: 5 });
});

test('places a district opens to another stay its own to pay for and to change', async () => {
  const benefit = await desk.city.addBenefit({ union: home, pools: {} });
  expect((await set(desk.at.home, benefit, host, 5)).status).toBe(200);
  expect((await set(desk.at.host, benefit, host, 50)).status).toBe(404);
  const [opened] = await sql`select union_id from allocation where benefit_id = ${benefit}`;
  expect(opened).toEqual({ union_id: home });
});

test('a cap below what is used is refused with the figure', async () => {
  const benefit = await desk.addCityBenefit();
  await desk.redeem(benefit, 3);
  const refused = await set(desk.at.home, benefit, home, 2);
  expect(refused.status).toBe(409);
  expect(await refused.json()).toMatchObject({ code: 'cap_below_used', used: 3 });
  expect((await set(desk.at.home, benefit, home, 3)).status).toBe(200);
});

test('units in devices’ hands keep the cap up, until no device may use them', async () => {
  const benefit = await desk.city.addBenefit({ pools: { shared: 10 } });
  const device = await desk.city.addDevice();
  const lease = await desk.city.addLease(device, benefit, 6);
  const refused = await set(desk.at.city, benefit, 'shared', 5);
  expect(await refused.json()).toMatchObject({ code: 'cap_below_used', used: 6 });
  await sql`
    update lease set returns_at = clock(), expires_at = granted_at where id = ${lease.id}`;
  const lowered = await set(desk.at.city, benefit, 'shared', 5);
  expect(await lowered.json()).toEqual({ districtId: null, cap: 5, used: 0 });
});

test('the cap of the benefit bounds its pools, and is bounded by them', async () => {
  const benefit = await desk.addCityBenefit();
  await desk.redeem(benefit, 3);
  const settle = async (cap: number) => {
    const answer = await desk.at.city.get(`/api/benefits/${benefit}/terms`);
    const { version } = (await answer.json()) as { version: number };
    return desk.at.city.patch(`/api/benefits/${benefit}/terms`, { version, reason: '封顶', cap });
  };
  expect(await (await settle(2)).json()).toMatchObject({ code: 'cap_below_used', used: 3 });
  expect(await (await settle(29)).json()).toMatchObject({
    code: 'cap_above_benefit',
    cap: 29,
    allocated: 30,
  });
  expect((await settle(30)).status).toBe(200);
  const above = await set(desk.at.home, benefit, home, 11);
  expect(await above.json()).toMatchObject({ code: 'cap_above_benefit', cap: 30, allocated: 20 });
  expect(await caps(benefit)).toEqual({ [home]: 10, [host]: 10, shared: 10 });
});

test('districts that raise their caps at once never outgrow the benefit together', async () => {
  const benefit = await desk.addCityBenefit();
  await sql`update benefit set cap = 40 where id = ${benefit}`;
  const answers = await Promise.all(
    Array.from({ length: 16 }, (_, i) => {
      const [browser, pool] =
        i % 2 === 0 ? ([desk.at.home, home] as const) : ([desk.at.host, host] as const);
      return set(browser, benefit, pool, 11 + i);
    }),
  );
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 409]));
  const { [home]: ofHome = 0, [host]: ofHost = 0, shared = 0 } = await caps(benefit);
  expect(ofHome + ofHost + shared).toBeLessThanOrEqual(40);
});

test('while units are redeemed, a cap that is lowered and raised stays at or above what is used', async () => {
  const benefit = await desk.addCityBenefit({ home: 30, host: 0, shared: 30 });
  const members = await Promise.all(Array.from({ length: 24 }, () => desk.city.addMember()));
  const racing = database.connect({ max: 24 });
  const redeeming = members.map(async (member) => {
    const item = desk.city.item(member, benefit);
    const [answer] = await racing<{ outcome: string }[]>`
      select outcome from redeem(${racing.json([item])})`;
    return answer?.outcome;
  });
  const changing = [4, 30, 8, 2, 30, 12, 6, 30].flatMap((cap) => [
    set(desk.at.home, benefit, home, cap),
    set(desk.at.city, benefit, 'shared', cap),
  ]);
  const outcomes = await Promise.all(redeeming);
  const answers = await Promise.all(changing);
  for (const answer of answers) expect([200, 409]).toContain(answer.status);
  const [row] = await sql`
    select sum(used)::int as used, bool_and(used <= cap) as held from allocation
    where benefit_id = ${benefit}`;
  expect(row).toEqual({
    used: outcomes.filter((outcome) => outcome === 'accepted').length,
    held: true,
  });
  const changed = answers.filter(({ status }) => status === 200).length;
  const entries = await desk.entries('benefit', benefit);
  // A cap set to what it was already is answered and not recorded.
  expect(entries.length).toBeLessThanOrEqual(changed);
  for (const [i, entry] of entries.entries()) {
    const earlier = entries
      .slice(0, i)
      .findLast(({ after }) => after.districtId === entry['after'].districtId);
    expect(entry['before'].cap).toBe(earlier?.['after'].cap ?? 30);
  }
});

test('without the guard in the update, only the constraint would keep the cap above what is used', async () => {
  const benefit = await desk.addCityBenefit();
  await desk.redeem(benefit, 3);
  await expect(
    sql`update allocation set cap = 2 where benefit_id = ${benefit} and district_id = ${home}`,
  ).rejects.toMatchObject({ constraint_name: 'allocation_used' });
});

test('two who each look before they raise both find room: without the lock only the database’s own rule stops one', async () => {
  const benefit = await desk.addCityBenefit();
  await sql`update benefit set cap = 40 where id = ${benefit}`;
  const naive = database.connect({ max: 2 });
  let reading = 2;
  const bothHaveRead = Promise.withResolvers<undefined>();
  const raise = (district: number) =>
    naive.begin(async (tx) => {
      const [sum] = await tx<{ others: number }[]>`
        select sum(cap)::int as others from allocation
        where benefit_id = ${benefit} and district_id is distinct from ${district}`;
      reading -= 1;
      if (reading === 0) bothHaveRead.resolve(undefined);
      await bothHaveRead.promise;
      if ((sum?.others ?? 0) + 20 <= 40)
        await tx`
          update allocation set cap = 20 where benefit_id = ${benefit} and district_id = ${district}`;
    });
  const raised = await Promise.allSettled([raise(home), raise(host)]);
  expect(raised.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  expect(raised.find(({ status }) => status === 'rejected')).toMatchObject({
    reason: { message: expect.stringContaining('exceed its cap') },
  });
});
