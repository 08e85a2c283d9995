// Risk: a stranger's phone becomes a device, one invitation makes two, or a phone that was ended goes on.
import { afterEach, expect, test } from 'vitest';
import { openBasement } from '../support/basement.ts';
import { setClock } from '../support/clock.ts';
import { openConsole } from '../support/console.ts';
import { expectStatus, problemOf } from '../support/counter.ts';
import { createDatabase } from '../support/database.ts';
import { DevicePhone } from '../support/device-phone.ts';

const { sql } = await createDatabase();
const basement = await openBasement(sql);
const { counter, desk } = basement;
const { city, till } = counter;

const pairings = (outlet = city.outlet.id) => `/api/outlets/${outlet}/pairings`;
const name = '一号机';

afterEach(() => setClock(sql, null));

test('a manager invites, an operator pairs, and it is written down who did', async () => {
  const invited = await expectStatus<{ code: string; url: string; expiresAt: string }>(
    desk.manager.post(pairings(), { name }),
    201,
  );
  expect(invited.url).toBe(`http://localhost:8787/counter/pair#${invited.code}`);
  expect(invited.code).toMatch(/^[0-9A-HJKMNP-TV-Z]{26}$/);
  const { publicKey } = await DevicePhone.make();
  const paired = await expectStatus<{ id: number }>(
    till.post('/api/devices', { code: invited.code, publicKey }),
    201,
  );
  expect(paired).toEqual({
    id: paired.id,
    name,
    outlet: { id: city.outlet.id, nameZh: expect.any(String), nameEn: expect.any(String) },
    pairedAt: expect.any(String),
  });
  const [row] = await sql`
    select d.public_jwk, d.paired_by, i.made_by, i.code_hash, i.used_at <= d.paired_at as "isUsed"
    from device d, device_pairing i where d.id = ${paired.id} and i.used_at is not null`;
  expect(row).toMatchObject({
    public_jwk: publicKey,
    paired_by: city.operator.userId,
    made_by: desk.manager.userId,
    isUsed: true,
  });
  expect(JSON.stringify(row)).not.toContain(invited.code);
  expect(await desk.entries('device', paired.id)).toEqual([
    {
      user_id: city.operator.userId,
      union_id: city.unions.host,
      action: 'device.pair',
      reason: null,
      before: null,
      after: { name, outletId: city.outlet.id, invitedBy: desk.manager.userId },
    },
  ]);
});

test('an administrator over the union that contracted the partner invites as well, another one does not', async () => {
  await expectStatus(desk.at.host.post(pairings(), { name }), 201);
  await expectStatus(desk.at.city.post(pairings(), { name }), 201);
  for (const browser of [desk.at.home, desk.at.viewer, till])
    expect(await problemOf(browser.post(pairings(), { name }))).toMatchObject({
      code: 'not_found',
    });
  await sql`update outlet set closed_at = clock() where id = ${city.homeOutlet.id}`;
  expect(await problemOf(desk.manager.post(pairings(city.homeOutlet.id), { name }))).toMatchObject({
    code: 'not_found',
  });
  await sql`update outlet set closed_at = null where id = ${city.homeOutlet.id}`;
});

test('a code is good for ten minutes, and for who is posted at its outlet', async () => {
  const other = await city.addOperator(city.outlet.partner, [city.homeOutlet]);
  const colleague = await counter.app.signInAs(other.userId);
  const { publicKey } = await DevicePhone.make();
  const pair = (browser: typeof till, code: string) =>
    browser.post('/api/devices', { code, publicKey });
  const { code } = await basement.invite();
  const wrong = `${code.slice(0, -1)}${code.endsWith('0') ? '1' : '0'}`;
  expect(await problemOf(pair(till, wrong))).toMatchObject({
    status: 422,
    code: 'pairing_invalid',
  });
  expect(await problemOf(pair(colleague, code))).toMatchObject({ code: 'pairing_invalid' });
  expect(await problemOf(pair(desk.at.city, code))).toMatchObject({ code: 'not_found' });

  const [row] = await sql<{ at: Date }[]>`select max(expires_at) as at from device_pairing`;
  const expiry = row?.at.getTime() ?? 0;
  await setClock(sql, new Date(expiry + 1).toISOString());
  expect(await problemOf(pair(till, code))).toMatchObject({ code: 'pairing_invalid' });
  await setClock(sql, new Date(expiry - 1000).toISOString());
  await expectStatus(pair(till, code), 201);
  expect(await problemOf(pair(till, code))).toMatchObject({ code: 'pairing_invalid' });
});

/** How many devices sixteen phones make of one invitation, all at once. */
async function pairedBySixteen(): Promise<number> {
  const { code } = await basement.invite();
  const phones = await Promise.all(Array.from({ length: 16 }, () => DevicePhone.make()));
  const answers = await Promise.all(
    phones.map(({ publicKey }) => till.post('/api/devices', { code, publicKey })),
  );
  return answers.filter(({ status }) => status === 201).length;
}

test('of sixteen phones that use one code at once, one is paired', async () => {
  expect(await pairedBySixteen()).toBe(1);
});

test('a negative control: were a used code not known as used, all would be', async () => {
  await sql.unsafe(`
    create function forget_use() returns trigger language plpgsql as
      $$ begin new.used_at := null; return new; end $$;
    create trigger forget_use before update on device_pairing
      for each row execute function forget_use()`);
  try {
    expect(await pairedBySixteen()).toBe(16);
  } finally {
    await sql.unsafe('drop trigger forget_use on device_pairing; drop function forget_use()');
  }
});

const good = (await DevicePhone.make()).publicKey;
const zeros = 'A'.repeat(43);
test.each([
  ['no key', null],
  ['an empty one', {}],
  ['another curve', { ...good, crv: 'P-384' }],
  ['another kind', { ...good, kty: 'OKP' }],
  ['a private half', { ...good, d: good.x }],
  ['more than a key', { ...good, ext: true }],
  ['a short number', { ...good, x: good.x.slice(1) }],
  ['a padded number', { ...good, x: `${good.x}=` }],
  ['a number as a number', { ...good, y: 5 }],
  ['no point of the curve', { ...good, y: good.x }],
  ['the point at infinity', { ...good, x: zeros, y: zeros }],
])('%s is no public key, and costs no code', async (_what, publicKey) => {
  const { code } = await basement.invite();
  expect(await problemOf(till.post('/api/devices', { code, publicKey }))).toMatchObject({
    status: 400,
    code: 'invalid_request',
  });
  await expectStatus(till.post('/api/devices', { code, publicKey: good }), 201);
});

test.each([
  '',
  'a',
  'A'.repeat(25),
  'A'.repeat(27),
  `${'A'.repeat(25)}U`,
  `${'A'.repeat(25)}\u0000`,
])('code %j is of no form', async (code) => {
  expect(await problemOf(till.post('/api/devices', { code, publicKey: good }))).toMatchObject({
    code: 'invalid_request',
  });
});

type View = { id: number; unitsOut: number; waiting: number; canRevoke: boolean };
const listed = async (browser: typeof till) =>
  (await expectStatus<{ devices: View[] }>(browser.get('/api/devices'), 200)).devices;

test('its manager and the union that contracted the partner see a device, nobody else does', async () => {
  const { id } = await basement.pair();
  for (const browser of [desk.manager, desk.at.host, desk.at.city])
    expect((await listed(browser)).find((one) => one.id === id)).toMatchObject({
      unitsOut: 0,
      waiting: 0,
      canRevoke: true,
    });
  expect(await listed(desk.at.home)).toEqual([]);
  expect(await problemOf(till.get('/api/devices'))).toMatchObject({ code: 'not_found' });
  const elsewhere = await openConsole(sql);
  for (const browser of [elsewhere.manager, elsewhere.at.city])
    expect(await listed(browser)).toEqual([]);
});

test('a device that is ended gives back what it has and gets nothing more', async () => {
  const phone = await basement.pair();
  const benefit = await basement.addBenefit({ pools: { shared: 100 } });
  await basement.leaseOf(phone, benefit);
  const leased = () => sql`select leased from allocation where benefit_id = ${benefit}`;
  expect(await leased()).toEqual([{ leased: 5 }]);
  expect((await listed(desk.manager)).find(({ id }) => id === phone.id)?.unitsOut).toBeGreaterThan(
    4,
  );

  const path = `/api/devices/${phone.id}`;
  const reason = '手机丢了';
  expect(await problemOf(till.post(`${path}/revocation`, { reason }))).toMatchObject({
    code: 'not_found',
  });
  const { revokedAt } = await expectStatus<{ revokedAt: string }>(
    desk.at.host.post(`${path}/revocation`, { reason }),
    200,
  );
  expect(await leased()).toEqual([{ leased: 0 }]);
  expect(await problemOf(desk.manager.post(`${path}/revocation`, { reason }))).toMatchObject({
    code: 'changed_meanwhile',
  });
  const refused = { status: 409, code: 'device_revoked', at: revokedAt };
  expect(await problemOf(till.post(`${path}/leases`))).toMatchObject(refused);
  expect(await problemOf(till.get(`${path}/briefing`))).toMatchObject(refused);
  expect((await listed(desk.manager)).find(({ id }) => id === phone.id)).toMatchObject({
    revokedAt,
    unitsOut: 0,
    canRevoke: false,
  });
  const entries = await desk.entries('device', phone.id);
  expect(entries).toMatchObject([
    { action: 'device.pair' },
    { action: 'device.revoke', reason, before: { revokedAt: null }, after: { revokedAt } },
  ]);
});

test('the briefing says what can be used here, and is sent again only when that changes', async () => {
  const phone = await basement.pair();
  const offline = await basement.addBenefit();
  const online = await city.addBenefit();
  const hidden = [
    await city.addBenefit({ endsAt: '2021-01-01T00:00:00Z' }),
    await city.addBenefit({ startsAt: '2098-01-01T00:00:00Z' }),
    await city.addBenefit({ validDistricts: [city.unions.home] }),
    await city.addBenefit({ partners: [] }),
    await city.addBenefit(),
  ];
  await sql`update benefit set paused_at = clock(), pause_reason = '修' where id = ${hidden.at(-1) ?? 0}`;
  const path = `/api/devices/${phone.id}/briefing`;
  const first = await till.get(path);
  const briefing = (await first.json()) as {
    device: object;
    outlet: object;
    benefits: { id: number; offline: object | null }[];
    keys: { kid: string }[];
  };
  const told = new Map(briefing.benefits.map((one) => [one.id, one]));
  expect(told.get(offline)).toMatchObject({
    priceFen: 4500,
    offline: { cardUsesADay: 3, valueMaxFen: 20_000, hours: 8 },
  });
  expect(told.get(online)).toMatchObject({ limitCount: 1, limitPeriod: 'day', offline: null });
  for (const id of hidden) expect(told.has(id)).toBe(false);
  expect(briefing.device).toEqual({ id: phone.id, name: '地下一层', revokedAt: null });
  const jwks = await till.get('/.well-known/jwks.json');
  expect({ keys: briefing.keys }).toEqual(await jwks.json());

  const tag = first.headers.get('ETag') ?? '';
  const again = (headers = { 'If-None-Match': tag }) => till.get(path, headers);
  expect((await again()).status).toBe(304);
  await sql`update offline_policy set units = 1 where benefit_id = ${offline}`;
  expect((await again()).status).toBe(304);
  await sql`update offline_policy set card_uses_a_day = 1 where benefit_id = ${offline}`;
  expect((await again()).status).toBe(200);
});

test('leases are renewed and given back by whoever is posted there, and by no other', async () => {
  const phone = await basement.pair();
  const benefit = await basement.addBenefit({ pools: { shared: 100 } });
  const path = `/api/devices/${phone.id}/leases`;
  const lease = await basement.leaseOf(phone, benefit);
  await setClock(sql, new Date(Date.now() + 60_000).toISOString());
  expect(await basement.leaseOf(phone, benefit)).toBe(lease);
  const [seen] = await sql`select seen_at = clock() as now from device where id = ${phone.id}`;
  expect(seen).toEqual({ now: true });
  const leased = () => sql`select leased from allocation where benefit_id = ${benefit}`;
  expect(await leased()).toEqual([{ leased: 5 }]);
  const foreign = await openConsole(sql);
  for (const browser of [desk.at.host, foreign.manager]) {
    expect(await problemOf(browser.post(path))).toMatchObject({ code: 'not_found' });
    expect(await problemOf(browser.delete(path))).toMatchObject({ code: 'not_found' });
  }
  expect(await leased()).toEqual([{ leased: 5 }]);
  expect(await expectStatus(till.delete(path), 200)).toMatchObject({ leases: [] });
  expect(await leased()).toEqual([{ leased: 0 }]);
  expect(await expectStatus(till.delete(path), 200)).toMatchObject({ leases: [] });
});
