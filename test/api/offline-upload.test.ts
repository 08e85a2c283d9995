// Risk (I5, I10, I11): a scan that a phone showed green is lost, counted twice, or judged by what a phone merely claims.
import { compactVerify, createLocalJWKSet, type JSONWebKeySet } from 'jose';
import { afterEach, expect, test } from 'vitest';
import { rotate } from '../../api/passes/rotate.ts';
import type { Uploaded } from '../../api/offline/upload.ts';
import { createApp } from '../support/app.ts';
import { openBasement } from '../support/basement.ts';
import { idIn } from '../support/city.ts';
import { setClock } from '../support/clock.ts';
import { staysConsistent } from '../support/consistent.ts';
import { expectStatus, passOf } from '../support/counter.ts';
import { createDatabase } from '../support/database.ts';
import { bodyOf, type DevicePhone, link, type Scan } from '../support/device-phone.ts';
import { race } from '../support/gate.ts';

const database = await createDatabase();
const { sql } = database;
staysConsistent(sql);
const basement = await openBasement(sql);
const { counter, desk } = basement;
const { city, till, app } = counter;

afterEach(async () => {
  await setClock(sql, null);
  app.services.keys.forget();
});

const verdictsOf = ({ verdicts }: Uploaded) =>
  verdicts.map(({ seq, verdict, reason }) => `${seq} ${reason ?? verdict ?? 'waits'}`);

const rows = (phone: DevicePhone) => sql<
  { id: string; quantity: number; variance: string | null }[]
>`
  select id, quantity, variance from redemption where device_id = ${phone.id} order by at, id`;

/** A phone with a lease of a new benefit, and somebody who shows his card to it. */
async function openDoor(options = {}, leave = {}) {
  const phone = await basement.pair();
  const benefit = await basement.addBenefit(options, leave);
  const lease = await basement.leaseOf(phone, benefit);
  const holder = await counter.addHolder();
  const scan = (changed: Partial<Scan> = {}) => basement.scanOf(holder, benefit, lease, changed);
  return { phone, benefit, lease, holder, scan };
}

async function receiptOf({ receipt }: Uploaded) {
  const jwks = await expectStatus<JSONWebKeySet>(till.get('/.well-known/jwks.json'), 200);
  const { payload, protectedHeader } = await compactVerify(receipt, createLocalJWKSet(jwks), {
    algorithms: ['ES256'],
  });
  const said = JSON.parse(new TextDecoder().decode(payload)) as Record<string, unknown>;
  return { header: protectedHeader, said };
}

test('what was scanned without a network is booked, and the receipt says up to where', async () => {
  const { phone, benefit, scan, holder } = await openDoor({ quantityMax: 3 });
  const first = await scan({ quantity: 2 });
  await phone.write(first);
  const answer = await basement.upload(phone);
  expect(verdictsOf(answer)).toEqual(['1 accepted']);
  expect(await rows(phone)).toEqual([{ id: first.id, quantity: 2, variance: null }]);
  const { header, said } = await receiptOf(answer);
  expect(header).toMatchObject({ alg: 'ES256', typ: 'tongka-receipt+jws' });
  expect(said).toEqual({
    iss: 'http://localhost:8787',
    device: phone.id,
    from: 1,
    through: 1,
    hash: phone.entries[0]?.hash,
    at: expect.stringMatching(/Z$/),
  });
  const [held] = await sql`
    select a.used, a.leased, l.used as spent from allocation a join lease l on l.allocation_id = a.id
    where a.benefit_id = ${benefit}`;
  expect(held).toEqual({ used: 0, leased: 5, spent: 2 });
  const history = await expectStatus<{ redemptions: { id: string }[] }>(
    holder.phone.get('/api/me/redemptions'),
    200,
  );
  expect(history.redemptions.map(({ id }) => id)).toEqual([first.id]);
});

test('the same upload again, also by many at once, is one use with the same answer', async () => {
  const { phone, scan } = await openDoor();
  await phone.write(await scan());
  const sent = await phone.upload();
  const send = () =>
    expectStatus<Uploaded>(till.post(`/api/devices/${phone.id}/uploads`, sent), 200);
  const all = await Promise.all(Array.from({ length: 8 }, send));
  for (const answer of [...all, await send()]) {
    expect(verdictsOf(answer)).toEqual(['1 accepted']);
    const { said } = await receiptOf(answer);
    expect(said).toMatchObject({ from: 1, through: 1, hash: phone.entries[0]?.hash });
  }
  expect(await rows(phone)).toHaveLength(1);
});

test('two tabs that upload one queue in pieces of their own make each use once', async () => {
  const { phone, benefit, lease } = await openDoor({ limit: [1, 'total'] }, { units: 20 });
  for (let i = 0; i < 6; i++)
    await phone.write(await basement.scanOf(await counter.addHolder(), benefit, lease));
  const pieces = [
    [1, 3],
    [2, 4],
    [4, 3],
    [1, 6],
    [6, 1],
    [3, 2],
  ];
  const answers = await race(
    sql,
    2,
    (tx) => tx`select from device where id = ${phone.id} for update`,
    () => pieces.map(([from, count]) => basement.upload(phone, from, count)),
  );
  expect(answers).toHaveLength(pieces.length);
  expect(verdictsOf(await basement.upload(phone))).toEqual(
    phone.entries.map(({ seq }) => `${seq} accepted`),
  );
  expect(await rows(phone)).toHaveLength(6);
  expect(
    await sql`select count(*)::int as n from alert where device_id = ${phone.id} and closed_at is null`,
  ).toEqual([{ n: 0 }]);
});

test('the second use of one pass is told as one, whoever pays it', async () => {
  const { phone, scan, holder, benefit } = await openDoor();
  const first = await scan();
  await phone.write(first);
  await phone.write({ ...first, id: idIn(holder.cell) });
  expect(verdictsOf(await basement.upload(phone))).toEqual(['1 accepted', '2 pass_already_used']);
  expect(await rows(phone)).toMatchObject([{ variance: null }, { variance: 'pass_already_used' }]);
  const uses = await sql`
    select used::int from member_uses(${holder.cell}::smallint, ${holder.id}, ${benefit}, '-infinity', 'infinity')`;
  expect(uses).toEqual([{ used: 1 }]);
});

test('one bad item harms no other', async () => {
  const { phone, benefit, lease } = await openDoor({}, { units: 20 });
  const scanned = async () => basement.scanOf(await counter.addHolder(), benefit, lease);
  await phone.write(await scanned());
  await phone.write('not JSON');
  await phone.write({ ...(await scanned()), pass: 'AAAA' });
  await phone.write({ ...(await scanned()), benefit: 2_000_000_000 });
  await phone.write(await scanned());
  expect(verdictsOf(await basement.upload(phone))).toEqual([
    '1 accepted',
    '2 malformed',
    '3 pass_invalid',
    '4 benefit_unknown',
    '5 accepted',
  ]);
});

test('only the exact text that a phone writes is a scan', async () => {
  const { phone, scan, holder } = await openDoor();
  const good = await scan();
  const reversed = Object.fromEntries(Object.entries(good).reverse());
  const text = bodyOf(good);
  const wrong: unknown[] = [
    [],
    null,
    5,
    {},
    { ...good, lease: undefined },
    reversed,
    { ...good, more: 1 },
    { ...good, id: good.id.toUpperCase() },
    { ...good, id: idIn((holder.cell + 1) % 64) },
    { ...good, quantity: 0 },
    { ...good, quantity: -1 },
    { ...good, quantity: 1.5 },
    { ...good, quantity: '1' },
    { ...good, quantity: 101 },
    { ...good, benefit: 2 ** 31 },
    { ...good, lease: 0 },
    { ...good, lease: null },
    { ...good, clockOffsetMs: '0' },
    { ...good, clockOffsetMs: 0.5 },
    { ...good, scannedAt: 'infinity' },
    { ...good, scannedAt: '2026-02-30T00:00:00.000Z' },
    { ...good, scannedAt: good.scannedAt.replace('Z', '+00:00') },
    { ...good, scannedAt: good.scannedAt.replace(/\.\d+/, '') },
    { ...good, scannedAt: Date.parse(good.scannedAt) },
    { ...good, listAt: 'yesterday' },
    { ...good, user: "x' or 1=1" },
    { ...good, user: '' },
    { ...good, pass: '' },
  ];
  const texts = [
    ...wrong.map((body) => JSON.stringify(body)),
    'x',
    '\ufeff{}',
    '{"__proto__":{"id":1}}',
    `${text} `,
    text.replace('"quantity":1', '"quantity":1e0'),
    text.replace('"quantity":1', '"quantity":2,"quantity":1'),
    text.replace('"id"', '"\\u0069d"'),
    '['.repeat(1999),
    '𠮷'.repeat(500),
    '\u202e\u200b',
  ];
  for (const body of texts) await phone.write(body);
  await phone.write(good);
  const heard = verdictsOf(await basement.upload(phone));
  expect(heard).toEqual([
    ...texts.map((_, i) => `${i + 1} malformed`),
    `${texts.length + 1} accepted`,
  ]);
  const kept = await sql`select body from offline_item where device_id = ${phone.id} order by seq`;
  expect(kept.map(({ body }) => body)).toEqual([...texts, text]);
});

test('a time that cannot be is not believed', async () => {
  const { phone, benefit, lease, holder } = await openDoor();
  const { url, expiresAt } = await passOf(holder);
  const end = Date.parse(expiresAt);
  const at = async (scannedAtMs: number) =>
    phone.write(
      await basement.scanOf(holder, benefit, lease, {
        pass: url,
        scannedAt: new Date(scannedAtMs).toISOString(),
      }),
    );
  const year = 365 * 24 * 3600 * 1000;
  await at(end + 10 * year);
  await at(end - 5 * year);
  await at(end);
  await at(end - 70_001);
  await at(end - 1);
  const heard = verdictsOf(await basement.upload(phone));
  expect(heard[0]).toMatch(/^1 (scan_in_future|pass_expired)$/);
  expect(heard.slice(1)).toEqual([
    '2 pass_not_yet_valid',
    '3 pass_expired',
    '4 pass_not_yet_valid',
    '5 accepted',
  ]);
});

test('a scan of a time that has not come is no scan, however well it fits its pass', async () => {
  const { phone, benefit, lease, holder } = await openDoor();
  const { passes } = await expectStatus<{ passes: { url: string; from: string }[] }>(
    holder.phone.get('/api/me/passes'),
    200,
  );
  const later = passes.at(5);
  const scannedAt = new Date(Date.parse(later?.from ?? '') + 1000).toISOString();
  await phone.write(
    await basement.scanOf(holder, benefit, lease, { pass: later?.url ?? '', scannedAt }),
  );
  expect(verdictsOf(await basement.upload(phone))).toEqual(['1 scan_in_future']);
});

test('a lease that is another device’s, over or spent is no lease: its use finds a place in the pool or is one too many', async () => {
  const { phone, benefit, lease } = await openDoor({ pools: { shared: 12 } }, { units: 4 });
  const other = await basement.pair();
  const foreign = await basement.leaseOf(other, benefit);
  const by = async (with_: number) =>
    phone.write(await basement.scanOf(await counter.addHolder(), benefit, with_));
  // Four of the twelve are this phone's, two the other's, six are free.
  await by(foreign);
  for (let i = 0; i < 4; i++) await by(lease);
  for (let i = 0; i < 6; i++) await by(lease);
  const { verdicts } = await basement.upload(phone);
  expect(verdicts.filter(({ verdict }) => verdict === 'accepted')).toHaveLength(10);
  expect(verdicts.filter(({ reason }) => reason === 'quota_exhausted')).toHaveLength(1);
  expect(
    await sql`
      select lease_id = ${lease} as own, variance, count(*)::int as n from redemption
      where device_id = ${phone.id} group by 1, 2 order by 3 desc, 2`,
  ).toEqual([
    { own: null, variance: null, n: 6 },
    { own: true, variance: null, n: 4 },
    { own: null, variance: 'quota_exhausted', n: 1 },
  ]);
});

test('a scan in the lease’s time counts however late it comes, with keys long retired', async () => {
  const { phone, scan } = await openDoor();
  await phone.write(await scan());
  await rotate(app.services);
  for (const days of [1, 2, 30]) {
    await setClock(sql, new Date(Date.now() + days * 24 * 3600 * 1000).toISOString());
    await rotate(app.services);
  }
  app.services.keys.forget();
  const { userId } = await city.addOperator(city.outlet.partner, [city.outlet]);
  const colleague = await app.signInAs(userId);
  expect(verdictsOf(await basement.upload(phone, 1, 1, colleague))).toEqual(['1 accepted']);
});

test('what comes before an earlier one waits for it', async () => {
  const { phone, benefit, lease } = await openDoor({}, { units: 20 });
  for (let i = 0; i < 5; i++)
    await phone.write(await basement.scanOf(await counter.addHolder(), benefit, lease));
  expect(verdictsOf(await basement.upload(phone, 4, 2))).toEqual(['4 waits', '5 waits']);
  expect((await receiptOf(await basement.upload(phone, 4, 2))).said).toMatchObject({ through: 5 });
  const open = () => sql`
    select kind, seq from alert where device_id = ${phone.id} and closed_at is null`;
  expect(await open()).toEqual([{ kind: 'device_gap', seq: 1 }]);
  expect(verdictsOf(await basement.upload(phone, 1, 2))).toEqual(['1 accepted', '2 accepted']);
  expect(await open()).toEqual([{ kind: 'device_gap', seq: 3 }]);
  expect(verdictsOf(await basement.upload(phone, 3, 1))).toEqual(['3 accepted']);
  expect(await open()).toEqual([]);
  expect(verdictsOf(await basement.upload(phone))).toEqual(
    phone.entries.map(({ seq }) => `${seq} accepted`),
  );
});

test('a second chain under known numbers is kept, looked at and pays nothing by itself', async () => {
  const { phone, benefit, lease } = await openDoor({}, { units: 20 });
  const scanned = async () => basement.scanOf(await counter.addHolder(), benefit, lease);
  await phone.write(await scanned());
  await phone.write(await scanned());
  await basement.upload(phone);
  phone.forget(1);
  await phone.write(await scanned());
  expect(verdictsOf(await basement.upload(phone, 2))).toEqual(['2 seq_forked']);
  expect(await rows(phone)).toHaveLength(2);
  expect(
    await sql`select kind, seq from alert where device_id = ${phone.id} and closed_at is null`,
  ).toEqual([{ kind: 'device_fork', seq: 2 }]);
  expect(
    await sql`select verdict from offline_item where device_id = ${phone.id} and seq = 2 order by 1`,
  ).toEqual([{ verdict: 'accepted' }, { verdict: 'needs_review' }]);
});

test('a chain that does not continue what is known raises an alarm', async () => {
  const { phone, benefit, lease } = await openDoor({}, { units: 20 });
  const scanned = async () => basement.scanOf(await counter.addHolder(), benefit, lease);
  await phone.write(await scanned());
  await basement.upload(phone);
  const stranger = await link(
    { seq: 1, prev: '', hash: 'ab'.repeat(32), body: '' },
    bodyOf(await scanned()),
  );
  const sent = await phone.sign([stranger]);
  await expectStatus(till.post(`/api/devices/${phone.id}/uploads`, sent), 200);
  expect(
    await sql`select kind from alert where device_id = ${phone.id} and closed_at is null`,
  ).toEqual([{ kind: 'device_fork' }]);
});

test('a revoked device may still bring what it holds, and the union looks at it', async () => {
  const { phone, scan } = await openDoor();
  await phone.write(await scan());
  await expectStatus(
    desk.manager.post(`/api/devices/${phone.id}/revocation`, { reason: '丢了' }),
    200,
  );
  const answer = await basement.upload(phone);
  expect(verdictsOf(answer)).toEqual(['1 device_revoked']);
  expect((await receiptOf(answer)).said).toMatchObject({ through: 1 });
  expect(await rows(phone)).toEqual([]);
});

test('what cannot be judged now is kept, receipted, and judged by the next call', async () => {
  const { phone, scan } = await openDoor();
  await phone.write(await scan());
  await sql`alter function book_offline_items rename to book_offline_items_gone`;
  const answer = await basement.upload(phone);
  await sql`alter function book_offline_items_gone rename to book_offline_items`;
  expect(verdictsOf(answer)).toEqual(['1 waits']);
  expect((await receiptOf(answer)).said).toMatchObject({ through: 1 });
  expect(await rows(phone)).toEqual([]);
  const devices = await expectStatus<{ devices: { id: number; waiting: number }[] }>(
    desk.manager.get('/api/devices'),
    200,
  );
  expect(devices.devices.find(({ id }) => id === phone.id)).toMatchObject({ waiting: 1 });
  await basement.renew(phone);
  expect(await rows(phone)).toHaveLength(1);
  const items = await expectStatus<{ items: object[] }>(
    till.get(`/api/devices/${phone.id}/items`),
    200,
  );
  expect(items.items).toEqual([
    {
      seq: 1,
      hash: phone.entries[0]?.hash,
      verdict: 'accepted',
      reason: null,
      decision: null,
      decidedAt: null,
      decisionReason: null,
    },
  ]);
  expect(
    await till.get(`/api/devices/${phone.id}/items?after=1`).then((one) => one.json()),
  ).toEqual({
    items: [],
  });
});

test('a scan after its lease was over finds a place in the pool, if there is one', async () => {
  const { phone, benefit, lease, holder } = await openDoor({ pools: { shared: 7 } }, { units: 3 });
  const later = Date.now() + 9 * 3600 * 1000;
  await setClock(sql, new Date(later).toISOString());
  app.services.keys.forget();
  const { userId } = await city.addOperator(city.outlet.partner, [city.outlet]);
  const colleague = await app.signInAs(userId);
  for (let i = 0; i < 5; i++) {
    const scannedAt = new Date(later - i).toISOString();
    await phone.write(
      await basement.scanOf(i === 0 ? holder : await counter.addHolder(), benefit, lease, {
        scannedAt,
      }),
    );
  }
  const { verdicts } = await basement.upload(phone, 1, 5, colleague);
  const heard = verdicts.map(({ reason, verdict }) => reason ?? verdict).sort();
  expect(heard).toEqual([...Array<string>(4).fill('accepted'), 'quota_exhausted']);
  expect(
    await sql`select from redemption where device_id = ${phone.id} and lease_id is not null`,
  ).toHaveLength(0);
});

const strike = (times: number) =>
  sql.unsafe(`
    create sequence struck;
    create function strike() returns trigger language plpgsql as $$
      begin
        if nextval('struck') <= ${times} then
          raise exception 'strike' using errcode = 'serialization_failure';
        end if;
        return new;
      end $$;
    create trigger strike before insert on offline_item for each row execute function strike()`);
const unstrike = () =>
  sql.unsafe('drop trigger strike on offline_item; drop function strike(); drop sequence struck');

test.each([
  [2, 200],
  [3, 503],
])('a conflict that comes %d times is answered %d', async (times, status) => {
  const { phone, scan } = await openDoor();
  await phone.write(await scan());
  await strike(times);
  const answer = await till.post(`/api/devices/${phone.id}/uploads`, await phone.upload());
  await unstrike();
  expect(answer.status).toBe(status);
  expect(answer.headers.get('Retry-After')).toBe(status === 503 ? '1' : null);
  expect(await rows(phone)).toHaveLength(status === 503 ? 0 : 1);
  expect(verdictsOf(await basement.upload(phone))).toEqual(['1 accepted']);
});

test('more than a run of them, kept before they could be judged, are judged by one call', async () => {
  const phone = await basement.pair();
  for (let i = 0; i < 250; i++) await phone.write(`text ${i}`);
  await sql`alter function book_offline_items rename to book_offline_items_gone`;
  for (const sent of await phone.uploads(100))
    await expectStatus(till.post(`/api/devices/${phone.id}/uploads`, sent), 200);
  await sql`alter function book_offline_items_gone rename to book_offline_items`;
  const judged = () => sql`select judged_seq from device where id = ${phone.id}`;
  expect(await judged()).toEqual([{ judged_seq: 0 }]);
  await basement.renew(phone);
  expect(await judged()).toEqual([{ judged_seq: 250 }]);
});

test('an upload costs five statements, however much it brings', async () => {
  const { phone, benefit, lease } = await openDoor({}, { units: 30 });
  for (let i = 0; i < 20; i++)
    await phone.write(await basement.scanOf(await counter.addHolder(), benefit, lease));
  await phone.write('x');
  let statements = 0;
  const pool = database.connect({ onStatement: () => (statements += 1) });
  const counted = createApp(pool).browser();
  for (const [name, value] of till.cookies) counted.cookies.set(name, value);
  // The first one also reads the keys.
  await basement.upload(phone, 1, 1, counted);
  statements = 0;
  await basement.upload(phone, 2, 1, counted);
  expect(statements).toBe(5);
  statements = 0;
  await basement.upload(phone, 3, 19, counted);
  expect(statements).toBe(5);
  expect(await rows(phone)).toHaveLength(20);
});

test('where keeping fails there is no receipt, and nothing is there', async () => {
  const { phone, scan } = await openDoor();
  await phone.write(await scan());
  await sql`alter function keep_offline_items rename to keep_offline_items_gone`;
  const sent = await till.post(`/api/devices/${phone.id}/uploads`, await phone.upload());
  await sql`alter function keep_offline_items_gone rename to keep_offline_items`;
  expect(sent.status).toBe(500);
  expect(await sent.text()).not.toContain('receipt');
  expect(await sql`select from offline_item where device_id = ${phone.id}`).toHaveLength(0);
  expect(verdictsOf(await basement.upload(phone))).toEqual(['1 accepted']);
});
