// Risk (I12, I18, I20): one use too many is paid by the wrong one, decided twice, or without anybody's name to it.
import { expect, test } from 'vitest';
import type { ReviewItem } from '../../api/offline/review.ts';
import { openBasement } from '../support/basement.ts';
import type { Browser } from '../support/app.ts';
import { idIn } from '../support/city.ts';
import { openConsole } from '../support/console.ts';
import { staysConsistent } from '../support/consistent.ts';
import { expectStatus, type Holder, problemOf } from '../support/counter.ts';
import { createDatabase } from '../support/database.ts';
import type { DevicePhone } from '../support/device-phone.ts';

const { sql } = await createDatabase();
staysConsistent(sql);
const basement = await openBasement(sql);
const { counter, desk } = basement;
const { city, till } = counter;
const reason = '看过了';

type Page = { items: ReviewItem[]; next: string | null };
const review = (browser: Browser, query = '') =>
  expectStatus<Page>(browser.get(`/api/offline-items${query}`), 200);

async function itemOf(phone: DevicePhone, browser = desk.at.city): Promise<ReviewItem> {
  const { items } = await review(browser, '?limit=200');
  const [item] = items.filter(({ device }) => device.id === phone.id);
  if (!item) throw new Error('The device has nothing to look at.');
  return item;
}

const decide = (browser: Browser, { device, seq, hash }: ReviewItem, decision: string) =>
  browser.post(`/api/offline-items/${device.id}/${seq}/${hash}/decision`, { decision, reason });

/** What the partner was paid for a device's uses in all. */
async function paid({ id }: DevicePhone): Promise<number> {
  const [row] = await sql<{ fen: number }[]>`
    select coalesce(sum(case when t.kind = 'redemption' then t.amount_fen else -t.amount_fen end), 0)::int as fen
    from redemption r join transfer t on t.cell = r.cell and t.redemption_id = r.id
    where r.device_id = ${id}`;
  return row?.fen ?? 0;
}

/** Two phones scan one pass for one benefit, the second a little later. */
async function makeDuplicate(
  variancePayer: 'union' | 'district' | 'partner' = 'union',
): Promise<{ holder: Holder; first: DevicePhone; second: DevicePhone; benefit: number }> {
  const { home } = city.unions;
  const benefit = await basement.addBenefit({ union: home }, { variancePayer });
  const [first, second] = [await basement.pair(), await basement.pair(city.homeOutlet.id)];
  const holder = await counter.addHolder();
  const scan = await basement.scanOf(holder, benefit, await basement.leaseOf(first, benefit));
  await first.write(scan);
  const lease = await basement.leaseOf(second, benefit);
  const scannedAt = new Date(Date.parse(scan.scannedAt) + 1).toISOString();
  await second.write({ ...scan, id: idIn(holder.cell), lease, scannedAt });
  return { holder, first, second, benefit };
}

test.each([
  ['union', 4500],
  ['district', 4500],
  ['partner', 0],
] as const)('a duplicate that the %s bears', async (payer, fen) => {
  const { first, second, benefit } = await makeDuplicate(payer);
  await basement.upload(first);
  const { verdicts } = await basement.upload(second);
  expect(verdicts).toEqual([{ seq: 1, verdict: 'duplicate', reason: 'pass_already_used' }]);
  const item = await itemOf(second);
  expect(item).toMatchObject({
    device: { id: second.id, name: '地下一层' },
    outlet: { id: city.homeOutlet.id },
    partner: { id: city.outlet.partner },
    benefit: { id: benefit },
    quantity: 1,
    verdict: 'duplicate',
    reason: 'pass_already_used',
    first: { outletZh: expect.stringMatching('影城') },
    amountFen: 4500,
    // The benefit is the home district's, and so is the outlet: of two names for it the first is told.
    payer: payer === 'partner' ? 'partner' : 'union',
    decision: null,
    canDecide: true,
  });
  expect(Date.parse(item.first?.at ?? '')).toBe(Date.parse(String(item.scannedAt)) - 1);
  expect(await paid(second)).toBe(fen);
});

test('whichever phone is heard first, the earlier scan is the use and the later one too many', async () => {
  const { first, second } = await makeDuplicate();
  const early = await basement.upload(second);
  expect(early.verdicts).toMatchObject([{ verdict: 'accepted' }]);
  expect((await basement.upload(first)).verdicts).toMatchObject([{ verdict: 'accepted' }]);
  const { items } = await expectStatus<{ items: object[] }>(
    till.get(`/api/devices/${second.id}/items`),
    200,
  );
  expect(items).toMatchObject([{ verdict: 'duplicate', reason: 'pass_already_used' }]);
  expect(await itemOf(second)).toMatchObject({ verdict: 'duplicate' });
});

test('the unions above what pays and the manager of the device see it; nobody else does', async () => {
  const { first, second } = await makeDuplicate();
  await basement.upload(first);
  await basement.upload(second);
  const { hash } = await itemOf(second);
  const sees = async (browser: Browser) =>
    (await review(browser, '?limit=200')).items.find((one) => one.hash === hash)?.canDecide ?? null;
  expect(await sees(desk.at.city)).toBe(true);
  expect(await sees(desk.at.home)).toBe(true);
  expect(await sees(desk.at.viewer)).toBe(false);
  expect(await sees(desk.manager)).toBe(false);
  expect(await sees(desk.at.host)).toBe(null);
  const foreign = await openConsole(sql);
  expect(await sees(foreign.at.city)).toBe(null);
  expect(await sees(foreign.manager)).toBe(null);
  expect(await problemOf(till.get('/api/offline-items'))).toMatchObject({ code: 'not_found' });
});

test('rejected, it is undone; whoever decides, it is once, and in the audit', async () => {
  const { first, second } = await makeDuplicate();
  await basement.upload(first);
  await basement.upload(second);
  const item = await itemOf(second);
  for (const browser of [desk.manager, desk.at.host, desk.at.viewer, till])
    expect(await problemOf(decide(browser, item, 'reject'))).toMatchObject({ code: 'not_found' });
  await expectStatus(decide(desk.at.home, item, 'reject'), 200);
  expect(await paid(second)).toBe(0);
  await expectStatus(decide(desk.at.home, item, 'reject'), 200);
  expect(await problemOf(decide(desk.at.home, item, 'pay'))).toMatchObject({
    status: 409,
    code: 'already_decided',
  });
  expect(await itemOf(second)).toMatchObject({
    decision: 'reject',
    decisionReason: reason,
    payer: null,
    canDecide: false,
  });
  const { items } = await review(desk.at.home, '?state=open&limit=200');
  expect(items.map(({ hash }) => hash)).not.toContain(item.hash);
  const entries = await sql`
    select user_id, union_id, reason from audit_entry
    where action = 'offline.decide' and subject = 'offline_item' and subject_id like ${`${second.id}%`}`;
  expect(entries).toEqual([{ user_id: desk.at.home.userId, union_id: city.unions.home, reason }]);
});

test('what a device may not decide is paid only when a union says so', async () => {
  const benefit = await basement.addBenefit({ union: city.unions.home }, { valueMaxFen: 4000 });
  const phone = await basement.pair();
  const lease = await basement.leaseOf(phone, benefit);
  await phone.write(await basement.scanOf(await counter.addHolder(), benefit, lease));
  const { verdicts } = await basement.upload(phone);
  expect(verdicts).toEqual([{ seq: 1, verdict: 'needs_review', reason: 'value_too_high' }]);
  const open = { verdict: 'needs_review', amountFen: 4500, payer: null, first: null };
  expect(await itemOf(phone)).toMatchObject(open);
  expect(await paid(phone)).toBe(0);
  await expectStatus(decide(desk.at.home, await itemOf(phone), 'pay'), 200);
  expect(await itemOf(phone)).toMatchObject({ ...open, payer: 'union', decision: 'pay' });
  expect(await paid(phone)).toBe(4500);
});

test('what cannot be booked cannot be paid, only rejected', async () => {
  const benefit = await basement.addBenefit({ union: city.unions.home });
  const phone = await basement.pair();
  const lease = await basement.leaseOf(phone, benefit);
  const user = desk.at.city.userId;
  await phone.write(await basement.scanOf(await counter.addHolder(), benefit, lease, { user }));
  await phone.write('x');
  await basement.upload(phone);
  phone.forget(1);
  await phone.write('y');
  await basement.upload(phone, 2);
  const { items } = await review(desk.at.city, '?limit=200');
  const own = items.filter(({ device }) => device.id === phone.id);
  expect(own.map((item) => item.reason).sort()).toEqual(['operator_suspended', 'seq_forked']);
  for (const item of own) {
    expect(await problemOf(decide(desk.at.city, item, 'pay'))).toMatchObject({
      status: 422,
      code: 'not_payable',
      reason: item.reason === 'seq_forked' ? 'pass_invalid' : 'operator_suspended',
    });
    await expectStatus(decide(desk.at.city, item, 'reject'), 200);
  }
  expect(await paid(phone)).toBe(0);
});

test('of many decisions at once one counts', async () => {
  const { first, second } = await makeDuplicate();
  await basement.upload(first);
  await basement.upload(second);
  const item = await itemOf(second);
  const answers = await Promise.all(
    Array.from({ length: 16 }, (_, i) =>
      decide(i % 2 ? desk.at.home : desk.at.city, item, i % 3 ? 'pay' : 'reject'),
    ),
  );
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 409]));
  const entries = await sql`
    select from audit_entry
    where action = 'offline.decide' and subject_id like ${`${second.id}%`}`;
  expect(entries).toHaveLength(1);
});

test('pages follow each other without a gap', async () => {
  const all = (await review(desk.at.city, '?limit=200')).items.map(({ hash }) => hash);
  expect(all.length).toBeGreaterThan(4);
  const paged: string[] = [];
  let next: string | null = '';
  while (next !== null) {
    const page: Page = await review(desk.at.city, `?limit=2${next && `&cursor=${next}`}`);
    paged.push(...page.items.map(({ hash }) => hash));
    next = page.next;
  }
  expect(paged).toEqual(all);
});

test('closing a gap declares what is missing lost, and judges what waits behind it', async () => {
  const benefit = await basement.addBenefit({}, { units: 20 });
  const phone = await basement.pair();
  const lease = await basement.leaseOf(phone, benefit);
  for (let i = 0; i < 6; i++)
    await phone.write(await basement.scanOf(await counter.addHolder(), benefit, lease));
  await basement.upload(phone, 3, 2);
  await basement.upload(phone, 6, 1);

  type Alert = { id: number; kind: string; device: { id: number } | null; seq: number | null };
  const open = async () => {
    const { alerts } = await expectStatus<{ alerts: Alert[] }>(
      desk.at.host.get('/api/alerts?state=open'),
      200,
    );
    return alerts.filter(({ device }) => device?.id === phone.id);
  };
  const [gap] = await open();
  expect(gap).toMatchObject({
    kind: 'device_gap',
    seq: 1,
    redemption: null,
    benefit: null,
    device: { id: phone.id, name: '地下一层', outlet: { id: city.outlet.id } },
    outlet: { id: city.outlet.id },
    canClose: true,
  });
  expect(
    await problemOf(desk.at.home.post(`/api/alerts/${gap?.id}/close`, { reason })),
  ).toMatchObject({ code: 'not_found' });
  await expectStatus(desk.at.host.post(`/api/alerts/${gap?.id}/close`, { reason }), 200);
  const verdicts = async () => {
    const { items } = await expectStatus<{
      items: { seq: number; verdict: string; reason: string }[];
    }>(till.get(`/api/devices/${phone.id}/items`), 200);
    return items.map(({ seq, verdict, reason: why }) => `${seq} ${why ?? verdict ?? 'waits'}`);
  };
  expect(await verdicts()).toEqual(['3 accepted', '4 accepted', '6 waits']);

  expect(await open()).toMatchObject([{ kind: 'device_gap', seq: 5 }]);
  expect((await basement.upload(phone, 1, 2)).verdicts).toEqual([
    { seq: 1, verdict: 'needs_review', reason: 'declared_lost' },
    { seq: 2, verdict: 'needs_review', reason: 'declared_lost' },
  ]);
  await basement.upload(phone, 5, 1);
  expect(await open()).toEqual([]);
  expect(await verdicts()).toEqual([
    '1 declared_lost',
    '2 declared_lost',
    '3 accepted',
    '4 accepted',
    '5 accepted',
    '6 accepted',
  ]);
});

test('a gap is not declared lost while what stands before it waits to be judged', async () => {
  const benefit = await basement.addBenefit({}, { units: 20 });
  const phone = await basement.pair();
  const lease = await basement.leaseOf(phone, benefit);
  for (let i = 0; i < 3; i++)
    await phone.write(await basement.scanOf(await counter.addHolder(), benefit, lease));
  await sql`alter function book_offline_items rename to book_offline_items_gone`;
  await basement.upload(phone, 1, 1);
  await basement.upload(phone, 3, 1);
  await sql`alter function book_offline_items_gone rename to book_offline_items`;
  const [gap] = await sql<{ id: number; seq: number }[]>`
    select id, seq from alert where device_id = ${phone.id}`;
  expect(gap?.seq).toBe(2);
  const close = () => desk.at.host.post(`/api/alerts/${gap?.id}/close`, { reason });
  expect(await problemOf(close())).toMatchObject({ status: 409, code: 'changed_meanwhile' });
  await expectStatus(close(), 200);
  expect(await sql`select seq, verdict from offline_item where device_id = ${phone.id}`).toEqual([
    { seq: 1, verdict: 'accepted' },
    { seq: 3, verdict: 'accepted' },
  ]);
});

test('a cursor that nobody was given leads nowhere, and breaks nothing', async () => {
  for (const place of ['9999999999.1', '1.9999999999']) {
    const cursor = Buffer.from(`1.${place}.0123456789abcdef`).toString('base64url');
    expect(await review(desk.at.city, `?cursor=${cursor}`)).toEqual({ items: [], next: null });
  }
});
