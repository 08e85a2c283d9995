// Risk: somebody acts for a member who did not name him, or goes on after the member, the union or the clock said stop.
import { randomInt } from 'node:crypto';
import { expect, test } from 'vitest';
import type { Browser } from '../support/app.ts';
import { idIn, type Member } from '../support/city.ts';
import { openConsole } from '../support/console.ts';
import { expectStatus, openCounter, problemOf, type ShownPass } from '../support/counter.ts';
import { createDatabase } from '../support/database.ts';

const { sql } = await createDatabase();
const counter = await openCounter(sql);
const { city, app, till } = counter;
const desk = await openConsole(sql, counter);

type Named = { proxies: { id: number; acceptedAt: string | null }[]; most: number };
type Mandates = { mandates: { id: number; kind: string; maskedName: string }[] };
type Carried = { passes: ShownPass[]; holder: { maskedName: string } };

const newPhone = () => `+8613${String(randomInt(1e9)).padStart(9, '0')}`;
const code = async (answer: Promise<Response>) => (await problemOf(answer)).code;

async function name(member: Browser, phone: string, endsAt: string | null = null): Promise<number> {
  const body = { phone, label: '女儿', endsAt };
  const { proxies } = await expectStatus<Named>(member.post('/api/me/proxies', body), 200);
  return proxies.at(-1)?.id ?? 0;
}

const enrol = (browser: Browser, id: number) =>
  browser.post(`/api/me/mandates/${id}/enrolment`, { phoneLabel: '蓝色手机' });

async function show(browser: Browser, id: number): Promise<ShownPass> {
  const { passes } = await expectStatus<Carried>(browser.get(`/api/me/mandates/${id}/passes`), 200);
  const [, second] = passes;
  // The first one may end at any moment; the next is good ten seconds before its minute.
  const isLate = new Date(passes[0]?.expiresAt ?? 0).getTime() - Date.now() < 9_000;
  const shown = isLate ? second : passes[0];
  if (!shown) throw new Error('The booklet is empty.');
  return shown;
}

const scan = (pass: string) => till.post('/api/scans', { pass, outlet: city.outlet.id });

/** A member at home and his daughter with his card on her phone. */
async function family(): Promise<{ member: Member; phone: Browser; child: Browser; id: number }> {
  const { phone, ...member } = await counter.addHolder({ name: '张老先生' });
  const number = newPhone();
  const id = await name(phone, number);
  const child = await app.signIn(number);
  await expectStatus(child.post(`/api/me/mandates/${id}/acceptance`), 200);
  await expectStatus(enrol(child, id), 200);
  return { member, phone, child, id };
}

test('a named proxy who said yes redeems within the member’s limits, and the record says so', async () => {
  const benefit = await city.addBenefit({ limit: [1, 'day'] });
  const { phone, ...member } = await counter.addHolder({ name: '张老先生' });
  const number = newPhone();
  const id = await name(phone, number);
  const child = await app.signIn(number);
  const { mandates } = await expectStatus<Mandates>(child.get('/api/me/mandates'), 200);
  expect(mandates).toMatchObject([{ id, kind: 'family', maskedName: '张＊' }]);
  expect(await code(enrol(child, id))).toBe('not_found');
  await expectStatus(child.post(`/api/me/mandates/${id}/acceptance`), 200);
  expect(await code(child.get(`/api/me/mandates/${id}/passes`))).toBe('card_not_enrolled');
  await expectStatus(enrol(child, id), 200);

  const scanned = await expectStatus<{ ticket: string; cardKind: string }>(
    scan((await show(child, id)).url),
    200,
  );
  expect(scanned.cardKind).toBe('proxy');
  const redemption = idIn(member.cell);
  const body = { ticket: scanned.ticket, benefit, quantity: 1 };
  await expectStatus(till.put(`/api/redemptions/${redemption}`, body), 201);
  // The same limit, whoever shows the card.
  const own = await counter.redeem({ ...member, phone }, benefit);
  expect(await code(Promise.resolve(own.answer))).toBe('limit_reached');
  const [row] = await sql<{ kind: string }[]>`
    select c.kind from redemption r join card c on c.cell = r.cell and c.number = r.card_number
    where r.id = ${redemption}`;
  expect(row?.kind).toBe('proxy');
});

test('the member ends it at once, also for passes that the phone already holds', async () => {
  const { phone, child, id } = await family();
  const { url } = await show(child, id);
  await expectStatus(scan(url), 200);
  await expectStatus(phone.delete(`/api/me/proxies/${id}`), 200);
  expect(await code(scan(url))).toBe('card_blocked');
  expect(await code(child.get(`/api/me/mandates/${id}/passes`))).toBe('not_found');
  expect(await code(enrol(child, id))).toBe('not_found');
  expect(await code(phone.delete(`/api/me/proxies/${id}`))).toBe('not_found');
  // His own card goes on.
  await expectStatus(phone.get('/api/me/passes'), 200);
});

test('so does the proxy, the end of the mandate, and the member’s leaving', async () => {
  const one = await family();
  await expectStatus(one.child.delete(`/api/me/mandates/${one.id}`), 200);
  expect(await code(one.child.get(`/api/me/mandates/${one.id}/passes`))).toBe('not_found');

  const { phone, child, id, member } = await family();
  await sql`update proxy set ends_at = clock() + interval '10 minutes' where id = ${id}`;
  const { passes } = await expectStatus<Carried>(child.get(`/api/me/mandates/${id}/passes`), 200);
  expect(passes.length).toBeGreaterThan(8);
  expect(passes.length).toBeLessThan(11);
  await sql`update proxy set ends_at = clock() where id = ${id}`;
  expect(await code(child.get(`/api/me/mandates/${id}/passes`))).toBe('not_found');

  await sql`update proxy set ends_at = null where id = ${id}`;
  const { url } = await show(child, id);
  await sql`update affiliation set ended_at = clock() where member_id = ${member.id}`;
  expect(await code(scan(url))).toBe('member_left');
  expect(await code(child.get(`/api/me/mandates/${id}/passes`))).toBe('not_found');
  expect(await code(phone.get('/api/me/passes'))).toBe('member_left');
});

test('three of the family at most, also when all are named at once; nobody himself', async () => {
  const { phone } = await counter.addHolder();
  const answers = await Promise.all(
    Array.from({ length: 8 }, () =>
      phone.post('/api/me/proxies', { phone: newPhone(), label: '家人' }),
    ),
  );
  expect(answers.filter(({ ok }) => ok)).toHaveLength(3);
  const { proxies } = await expectStatus<Named>(phone.get('/api/me/proxies'), 200);
  expect(proxies).toHaveLength(3);
  await expectStatus(phone.delete(`/api/me/proxies/${proxies[0]?.id ?? 0}`), 200);
  const again = newPhone();
  await name(phone, again);
  // Naming the same one again is no fourth.
  await name(phone, again);
  const own = newPhone();
  const member = await app.signIn(own);
  const { cell, id } = await city.addMember();
  await sql`update member set user_id = ${member.userId} where cell = ${cell} and id = ${id}`;
  const self = { phone: own, label: '自己' };
  expect(await code(member.post('/api/me/proxies', self))).toBe('proxy_is_self');
});

test('a clerk of the member’s union acts for some hours, with a reason, and only while in office', async () => {
  const elder = await city.addMember({ name: '王奶奶' });
  const path = `/api/members/${elder.id}/clerk`;
  const wanted = { reason: '在窗口办理', hours: 2 };
  expect(await code(desk.at.home.post(path, wanted))).toBe('member_has_card');
  await sql`delete from card where cell = ${elder.cell} and member_id = ${elder.id}`;
  expect(await code(desk.at.home.post(path, { ...wanted, hours: 13 }))).toBe('invalid_request');
  expect(await code(desk.at.host.post(path, wanted))).toBe('not_found');
  expect(await code(desk.at.viewer.post(path, wanted))).toBe('not_found');
  await expectStatus(desk.at.home.post(path, wanted), 201);
  const { id } = await expectStatus<{ id: number }>(desk.at.home.post(path, wanted), 201);
  await expectStatus(enrol(desk.at.home, id), 200);
  const { url } = await show(desk.at.home, id);
  await expectStatus(scan(url), 200);
  const entries = await desk.entries('member', elder.id);
  expect(entries).toMatchObject([
    { action: 'proxy.appoint', reason: wanted.reason },
    { action: 'proxy.appoint', reason: wanted.reason },
  ]);

  const { userId } = desk.at.home;
  await sql`update officer set suspended_at = clock() where user_id = ${userId}`;
  expect(await code(desk.at.home.get(`/api/me/mandates/${id}/passes`))).toBe('not_found');
  await sql`update officer set suspended_at = null where user_id = ${userId}`;
});

test('blocking the member’s card blocks all of them, and lifting it revives none that had ended', async () => {
  const benefit = await city.addBenefit();
  const { member, phone, child, id } = await family();
  const ended = await name(phone, newPhone());
  const { id: redemption } = await counter.redeem({ ...member, phone }, benefit);
  const { url } = await show(child, id);
  const block = `/api/redemptions/${redemption}/card/block`;
  await expectStatus(desk.at.home.post(block, { reason: '可疑' }), 200);
  expect(await code(scan(url))).toBe('card_blocked');
  expect(await code(enrol(child, id))).toBe('card_blocked');
  await expectStatus(phone.delete(`/api/me/proxies/${ended}`), 200);
  await expectStatus(desk.at.home.delete(block, { reason: '澄清' }), 200);
  await expectStatus(scan((await show(child, id)).url), 200);
  await expectStatus(phone.delete(`/api/me/proxies/${id}`), 200);
  await expectStatus(desk.at.home.post(block, { reason: '可疑' }), 200);
  await expectStatus(desk.at.home.delete(block, { reason: '澄清' }), 200);
  expect(await code(scan(url))).toBe('card_blocked');
});
