// Risk: places that somebody has claimed are counted as free, so that a cap falls below them or a phone takes them offline.
import { expect, test } from 'vitest';
import { claim, stateOf } from '../support/claim.ts';
import { staysConsistent } from '../support/consistent.ts';
import { openConsole } from '../support/console.ts';
import { createDatabase } from '../support/database.ts';

const { sql } = await createDatabase();
const desk = await openConsole(sql);
const { city } = desk;
const { home } = city.unions;
staysConsistent(sql);

const set = (benefit: number, pool: number | 'shared', cap: number) =>
  desk.at.city.put(`/api/benefits/${benefit}/allocations/${pool}`, { cap, reason: '调整名额' });

/** A benefit of `shared` places of which members claimed as many as they could; the others wait. */
async function claimed(pools: Record<string, number>, count: number) {
  const benefit = await city.addBenefit({ pools, limit: [5, 'total'], price: 0 });
  await city.letClaim(benefit);
  const session = await city.addSession(benefit, { cap: 10 });
  const members = await Promise.all(Array.from({ length: count }, () => city.addMember()));
  const items = members.map((one) => ({ ...city.claimItem(one, benefit, session), waits: true }));
  await claim(sql, items);
  return { benefit, session, members, items };
}

test('a cap is held by what is claimed, and the console tells it', async () => {
  const { benefit } = await claimed({ shared: 5 }, 3);
  const refused = await set(benefit, 'shared', 2);
  expect(refused.status).toBe(409);
  expect(await refused.json()).toMatchObject({ code: 'cap_below_used', used: 3 });
  expect((await set(benefit, 'shared', 3)).status).toBe(200);
  const shown = await desk.at.city.get(`/api/benefits/${benefit}/allocations`);
  expect(await shown.json()).toMatchObject({
    allocations: [{ cap: 3, used: 0, leased: 0, claimed: 3 }],
  });
});

test('a top-up is held by what is claimed of it', async () => {
  const { benefit } = await claimed({ [home]: 2, shared: 0 }, 2);
  await sql`
    update allocation set topped = 1, topped_claimed = 1
    where benefit_id = ${benefit} and district_id = ${home}`;
  await sql`
    update claim set is_topped = true
    where id = (select id from claim where benefit_id = ${benefit} order by id limit 1)`;
  const [row] = await sql<{ left: number; topped: number }[]>`
    select own_left(a) as left, topped_left(a) as topped
    from allocation a where benefit_id = ${benefit} and district_id = ${home}`;
  expect(row).toEqual({ left: 0, topped: 0 });
  expect((await set(benefit, home, 1)).status).toBe(409);
});

test('who waits for nothing but a place of the pool is offered what is added to it, and nobody twice', async () => {
  const { benefit, items } = await claimed({ shared: 1 }, 3);
  const states = () => Promise.all(items.map(({ id }) => stateOf(sql, id)));
  expect(await states()).toEqual(['confirmed', 'waiting', 'waiting']);
  expect((await set(benefit, 'shared', 2)).status).toBe(200);
  expect(await states()).toEqual(['confirmed', 'offered', 'waiting']);
  expect((await set(benefit, home, 1)).status).toBe(200);
  expect(await states()).toEqual(['confirmed', 'offered', 'offered']);
});

test('a benefit that is ended at the desk ends what is claimed of it', async () => {
  const { benefit, items } = await claimed({ shared: 1 }, 2);
  const body = { stage: 'ended', reason: '活动结束' };
  expect((await desk.at.city.put(`/api/benefits/${benefit}/stage`, body)).status).toBe(200);
  for (const { id } of items) expect(await stateOf(sql, id)).toBe('lapsed');
});

test('what is claimed is not used without a network, and no phone gets places of it', async () => {
  const { benefit } = await claimed({ shared: 5 }, 1);
  const terms = await desk.at.city.get(`/api/benefits/${benefit}/terms`);
  const { version } = (await terms.json()) as { version: number };
  const offline = {
    ...{ units: 5, hours: 24, cardUsesADay: 2, valueMaxFen: 9000, variancePayer: 'union' },
  };
  const answer = await desk.at.city.patch(`/api/benefits/${benefit}/terms`, {
    ...{ version, reason: '离线', offline },
  });
  expect(answer.status).toBe(409);
  expect(await answer.json()).toMatchObject({ code: 'claims_need_network' });
  await city.addPolicy(benefit);
  const device = await city.addDevice();
  expect(await sql`select from renew_leases(${device.id}) where benefit = ${benefit}`).toEqual([]);
  await sql`update benefit set claim_kind = null where id = ${benefit}`;
  expect(await sql`select from renew_leases(${device.id}) where benefit = ${benefit}`).toHaveLength(
    1,
  );
});
