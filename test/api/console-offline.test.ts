// Risk: leave to redeem offline changes unseen or by chance, or units in a phone's hands count twice or not at all.
import { afterEach, expect, test } from 'vitest';
import { setClock } from '../support/clock.ts';
import { openConsole } from '../support/console.ts';
import { createDatabase } from '../support/database.ts';

const { sql } = await createDatabase();
const desk = await openConsole(sql);
const { home, root } = desk.city.unions;

const offline = {
  units: 20,
  hours: 24,
  cardUsesADay: 2,
  valueMaxFen: 9000,
  variancePayer: 'district',
};

const terms = {
  kind: 'car_wash',
  titleZh: '洗车',
  titleEn: 'A car wash',
  summaryZh: '一次',
  summaryEn: 'Once',
  priceFen: 3000,
  faceValueFen: 4500,
  startsAt: '2026-01-01T00:00:00Z',
  endsAt: '2099-01-01T00:00:00Z',
  weekdays: [1, 2, 3, 4, 5, 6, 7],
  opensMinute: 0,
  closesMinute: 1440,
  audience: {},
  validDistricts: null,
  quantityMax: 1,
  limitCount: 1,
  limitPeriod: 'week',
  cap: null,
};

async function create(more: object = {}): Promise<number> {
  const body = { ...terms, ...more, reason: '新年福利' };
  const made = await desk.at.home.post(`/api/unions/${home}/benefits`, body);
  expect(made.status).toBe(201);
  return ((await made.json()) as { id: number }).id;
}

const change = (id: number, version: number, what: object) =>
  desk.at.home.patch(`/api/benefits/${id}/terms`, { version, reason: '调整', ...what });

async function read(id: number): Promise<Record<string, unknown>> {
  const answer = await desk.at.viewer.get(`/api/benefits/${id}/terms`);
  return (await answer.json()) as Record<string, unknown>;
}

afterEach(() => setClock(sql, null));

test('leave is given with a new benefit, and recorded with it', async () => {
  const id = await create({ offline });
  expect(await read(id)).toMatchObject({ version: 1, offline });
  expect(await desk.entries('benefit', id)).toMatchObject([
    { action: 'benefit.create', after: { offline } },
  ]);
});

test('leave is given, changed and withdrawn, each with what it was and what it is', async () => {
  const id = await create();
  const longer = { ...offline, hours: 48 };
  expect((await change(id, 1, { offline })).status).toBe(200);
  expect((await change(id, 2, { offline: longer })).status).toBe(200);
  expect(await read(id)).toMatchObject({ version: 3, offline: longer });
  expect((await change(id, 3, { offline: null })).status).toBe(200);
  expect(await read(id)).toMatchObject({ version: 4, offline: null });
  const [, ...changes] = await desk.entries('benefit', id);
  expect(changes.map(({ before, after }) => [before, after])).toEqual([
    [{ offline: null }, { offline }],
    [{ offline }, { offline: longer }],
    [{ offline: longer }, { offline: null }],
  ]);
});

test('a change of something else leaves it as it is, and the same again changes nothing', async () => {
  const id = await create({ offline });
  expect((await change(id, 1, { limitCount: 2 })).status).toBe(200);
  expect(await read(id)).toMatchObject({ version: 2, offline });
  const reordered = Object.fromEntries(Object.entries(offline).reverse());
  expect(await (await change(id, 2, { offline: reordered })).json()).toEqual({ id, version: 2 });
  expect(await desk.entries('benefit', id)).toHaveLength(2);
});

test('of two who give leave at once, one is told to look again', async () => {
  const id = await create();
  const answers = await Promise.all(
    Array.from({ length: 8 }, (_, i) => change(id, 1, { offline: { ...offline, units: i + 1 } })),
  );
  const statuses = answers.map(({ status }) => status).sort();
  expect(statuses).toEqual([200, ...Array<number>(7).fill(409)]);
  expect(await desk.entries('benefit', id)).toHaveLength(2);
});

test.each([
  { units: 0 },
  { units: 10_001 },
  { hours: 0 },
  { hours: 73 },
  { hours: 1.5 },
  { cardUsesADay: 0 },
  { cardUsesADay: 101 },
  { valueMaxFen: -1 },
  { valueMaxFen: 2999 },
  { variancePayer: 'member' },
  { variancePayer: undefined },
  { used: 0 },
])('%j is no leave', async (wrong) => {
  const id = await create();
  const refused = await change(id, 1, { offline: { ...offline, ...wrong } });
  expect(refused.status).toBe(400);
  const { code, fields } = (await refused.json()) as { code: string; fields: { field: string }[] };
  expect(code).toBe('invalid_request');
  for (const { field } of fields) expect(field).toMatch(/^offline/);
  expect(await read(id)).toMatchObject({ version: 1, offline: null });
});

test('a price above the highest value at once is refused, not let through to no use at all', async () => {
  const id = await create({ offline: { ...offline, valueMaxFen: 3000 } });
  const refused = await change(id, 1, { priceFen: 3001 });
  expect(await refused.json()).toMatchObject({ fields: [{ field: 'offline' }] });
});

type Lease = { units: number; used: number; hours: number; isReturned?: boolean };

async function lend(benefit: number, leases: Lease[]): Promise<void> {
  for (const { units, used, hours, isReturned = false } of leases) {
    await sql`
      with phone as (
        insert into device (outlet_id, name, public_jwk, paired_by, paired_at, seen_at)
        values (${desk.city.outlet.id}, '收银台', '{}', ${desk.manager.userId}, clock(), clock())
        returning id
      ), lent as (
        insert into lease (device_id, benefit_id, allocation_id, units, used, granted_at, expires_at,
          returns_at, returned_at)
        select phone.id, ${benefit}, a.id, ${units}, ${used}, clock(), clock(),
          clock() + ${hours} * interval '1 hour', case when ${isReturned} then clock() end
        from phone, allocation a where a.benefit_id = ${benefit} and a.district_id is null
      )
      update allocation set leased = leased + ${isReturned ? used : units}
      where benefit_id = ${benefit} and district_id is null`;
  }
}

test('what phones hold is not left and not used, what they used is, and what is due is free again', async () => {
  await setClock(sql, new Date().toISOString());
  const benefit = await desk.addCityBenefit({ home: 10, host: 10, shared: 100 });
  await sql`update allocation set used = 5 where benefit_id = ${benefit} and district_id is null`;
  await lend(benefit, [
    { units: 20, used: 3, hours: 12 },
    { units: 10, used: 4, hours: 24 },
    { units: 8, used: 2, hours: 12, isReturned: true },
  ]);
  const shared = async () => {
    const answer = await desk.at.home.get(`/api/benefits/${benefit}/allocations`);
    const { allocations } = (await answer.json()) as { allocations: { districtId: unknown }[] };
    const listed = await desk.at.city.get(`/api/unions/${root}/benefits`);
    const { benefits } = (await listed.json()) as {
      benefits: { id: number; allocations: { districtId: unknown }[] }[];
    };
    const inList = benefits.find(({ id }) => id === benefit)?.allocations;
    const pool = allocations.find(({ districtId }) => districtId === null);
    expect(inList?.find(({ districtId }) => districtId === null)).toMatchObject({
      ...pool,
      canEdit: true,
    });
    return pool;
  };
  expect(await shared()).toMatchObject({ cap: 100, used: 5 + 3 + 4 + 2, leased: 17 + 6 });
  await setClock(sql, new Date(Date.now() + 13 * 3_600_000).toISOString());
  expect(await shared()).toMatchObject({ cap: 100, used: 5 + 3 + 4 + 2, leased: 6 });
});

test('a benefit’s cap cannot fall below what is used or in the hands of phones', async () => {
  const benefit = await desk.addCityBenefit({ home: 0, host: 0, shared: 10 });
  await lend(benefit, [{ units: 6, used: 1, hours: 12 }]);
  const body = { version: 1, reason: '封顶', cap: 5 };
  const refused = await desk.at.city.patch(`/api/benefits/${benefit}/terms`, body);
  expect(await refused.json()).toMatchObject({ code: 'cap_below_used', used: 6 });
});

test.each(['union', 'district', 'partner'] as const)(
  'a use too many that is borne by the %s is counted everywhere, and its money where it was paid',
  async (variancePayer) => {
    const { city, at } = await openConsole(sql);
    const benefit = await city.addBenefit({ limit: [1, 'total'], pools: { shared: 10 } });
    await city.addPolicy(benefit, { variancePayer });
    const device = await city.addDevice();
    const lease = await city.addLease(device, benefit, 5);
    const member = await city.addMember();
    const outcomes: string[] = [];
    for (let i = 0; i < 2; i += 1) {
      const item = city.offlineItem(member, benefit, device, lease);
      const [answer] = await sql<{ outcome: string }[]>`
        select outcome from redeem(${sql.json([item])})`;
      outcomes.push(answer?.outcome ?? '');
    }
    expect(outcomes).toEqual(['accepted', 'limit_reached']);
    const isPaid = variancePayer !== 'partner';
    const amountFen = isPaid ? 9000 : 4500;
    const overview = await at.city.get(`/api/unions/${city.unions.root}/overview?days=1`);
    const total = { redemptions: 2, quantity: 2, amountFen };
    expect(await overview.json()).toMatchObject({ total, today: total });
    const list = await at.city.get(`/api/redemptions?benefit=${benefit}`);
    const { redemptions } = (await list.json()) as { redemptions: Record<string, unknown>[] };
    expect(redemptions.map((row) => [row['variance'], row['amountFen']]).sort()).toEqual([
      [null, 4500],
      ['limit_reached', isPaid ? 4500 : 0],
    ]);
    const file = await at.city.get(`/api/redemptions.csv?benefit=${benefit}`);
    const lines = (await file.text()).trim().split('\r\n').slice(1);
    const amounts = lines.map((line) => line.split(',').slice(10, 12));
    expect(amounts.sort()).toEqual(
      [
        ['45.00', '已核销'],
        [isPaid ? '45.00' : '0.00', '离线多用'],
      ].sort(),
    );
    const till = await desk.app.signInAs(city.operator.userId);
    const today = await till.get(`/api/outlets/${city.outlet.id}/redemptions`);
    expect(await today.json()).toMatchObject({ count: 2, quantity: 2, amountFen });
    const pools = await at.city.get(`/api/benefits/${benefit}/allocations`);
    expect(await pools.json()).toMatchObject({ allocations: [{ cap: 10, used: 2, leased: 3 }] });
  },
);

test('disputes and phones are listed for the union whose desk it is, and by what was wrong', async () => {
  const { city, at, manager } = await openConsole(sql);
  const { root, home, host } = city.unions;
  const { id: device } = await city.addDevice();
  const kept = [
    [root, 'duplicate', 'pass_already_used'],
    [root, 'needs_review', 'member_left'],
    [host, 'over_limit', 'limit_reached'],
    [root, 'invalid', 'malformed'],
  ] as const;
  for (const [i, [union, verdict, why]] of kept.entries()) {
    await sql`
      insert into offline_item (device_id, seq, hash, body, received_at, union_id, verdict, reason)
      values (${device}, ${i + 1}, ${String(i).repeat(64)}, '{}', clock(), ${union}, ${verdict}, ${why})`;
  }
  const verdicts = async (browser: typeof manager, query = '') => {
    const answer = await browser.get(`/api/offline-items?state=open${query}`);
    expect(answer.status).toBe(200);
    const { items } = (await answer.json()) as { items: { verdict: string }[] };
    return items.map(({ verdict }) => verdict).sort();
  };
  expect(await verdicts(at.city)).toEqual(['duplicate', 'needs_review', 'over_limit']);
  expect(await verdicts(at.city, `&union=${host}`)).toEqual(['over_limit']);
  expect(await verdicts(at.city, '&verdict=needs_review')).toEqual(['needs_review']);
  expect(await verdicts(at.host, `&union=${root}`)).toEqual(['over_limit']);
  expect(await verdicts(at.home)).toEqual([]);
  expect(await verdicts(manager)).toEqual(['duplicate', 'needs_review', 'over_limit']);
  const phones = async (browser: typeof manager, query = '') => {
    const answer = await browser.get(`/api/devices${query}`);
    const { devices } = (await answer.json()) as { devices: { id: number; waiting: number }[] };
    return devices.map(({ id }) => id);
  };
  const [contract] = await sql<{ union: number }[]>`
    select union_id as union from partner where id = ${city.outlet.partner}`;
  expect(await phones(at.city)).toEqual([device]);
  expect(await phones(at.city, `?union=${contract?.union}`)).toEqual([device]);
  expect(await phones(at.city, `?union=${contract?.union === home ? host : home}`)).toEqual([]);
  expect(await phones(manager)).toEqual([device]);
});
