// Risk: a member is told of somebody else's claim, of a place that is none, or claims for whom he may not.
import { expect, test } from 'vitest';
import type { ClaimPage, HeldClaim, OwnClaims } from '../../api/claims/own-queries.ts';
import type { Inbox } from '../../api/claims/inbox.ts';
import type { Browser } from '../support/app.ts';
import { idIn } from '../support/city.ts';
import { expectStatus, openCounter, problemOf } from '../support/counter.ts';
import { createDatabase } from '../support/database.ts';

const { sql } = await createDatabase();
const counter = await openCounter(sql);
const { city } = counter;

const code = async (answer: Promise<Response>) => (await problemOf(answer)).code;
const show = (browser: Browser, benefit: number) =>
  expectStatus<ClaimPage>(browser.get(`/api/benefits/${benefit}/claims`), 200);
const mine = (browser: Browser) => expectStatus<OwnClaims>(browser.get('/api/me/claims'), 200);
const inbox = (browser: Browser) => expectStatus<Inbox>(browser.get('/api/me/inbox'), 200);
const put = (browser: Browser, id: string, body: Record<string, unknown>) =>
  browser.put(`/api/claims/${id}`, body);

async function slot(cap = 1, weights: [number, number] = [0, 0]) {
  const benefit = await city.addBenefit({ limit: [5, 'month'], quantityMax: 3 });
  await city.letClaim(benefit, { weights, cancelMinutes: 60 });
  return { benefit, session: await city.addSession(benefit, { cap }) };
}

test('the page says what is left, and that what was offered is held, not gone', async () => {
  const [holder, waiter, reader] = await Promise.all([0, 1, 2].map(() => counter.addHolder()));
  if (!holder || !waiter || !reader) throw new Error('Nobody came.');
  const { benefit, session } = await slot();
  const id = idIn(holder.cell);
  await expectStatus(put(holder.phone, id, { benefit, session }), 201);
  const second = { benefit, session, waits: true };
  await expectStatus(put(waiter.phone, idIn(waiter.cell), second), 201);
  expect((await show(reader.phone, benefit)).sessions).toMatchObject([
    { id: session, cap: 1, left: 0, held: 0, waiting: 1 },
  ]);
  await expectStatus(holder.phone.post(`/api/claims/${id}/cancellation`), 200);
  const page = await show(waiter.phone, benefit);
  expect(page.sessions).toMatchObject([{ left: 0, held: 1, waiting: 0 }]);
  expect(page.own).toMatchObject([{ state: 'offered', canConfirm: true, holder: null }]);
  expect(page.people).toMatchObject([{ member: null, maskedName: null, cell: waiter.cell }]);
  expect((await show(reader.phone, benefit)).own).toEqual([]);
  const list = await expectStatus<{ items: { id: number; claimKind: string | null }[] }>(
    reader.phone.get('/api/benefits'),
    200,
  );
  expect(list.items.find((item) => item.id === benefit)?.claimKind).toBe('slot');
});

test('a claim without a time, and a prize, is not offered another time', async () => {
  const holder = await counter.addHolder();
  const { benefit, session: timed } = await slot();
  const untimed = await city.addSession(benefit, { startsAt: null });
  const canMove = async (id: string) =>
    (await expectStatus<HeldClaim>(holder.phone.get(`/api/claims/${id}`), 200)).canMove;
  const [without, prize] = [idIn(holder.cell), idIn(holder.cell)];
  await expectStatus(put(holder.phone, without, { benefit, session: untimed }), 201);
  expect(await canMove(without)).toBe(false);
  expect(await code(holder.phone.post(`/api/claims/${without}/move`, { session: timed }))).toBe(
    'session_unknown',
  );
  await city.addSession(benefit);
  await expectStatus(put(holder.phone, prize, { benefit, session: timed }), 201);
  expect(await canMove(prize)).toBe(true);
  await sql`update benefit set claim_kind = 'draw' where id = ${benefit}`;
  expect(await canMove(prize)).toBe(false);
});

test('a claim’s calendar file speaks one language throughout', async () => {
  const holder = await counter.addHolder();
  const { benefit, session } = await slot();
  const id = idIn(holder.cell);
  await expectStatus(put(holder.phone, id, { benefit, session }), 201);
  const file = async (query: string) =>
    (await holder.phone.get(`/api/claims/${id}/calendar${query}`)).text();
  expect(await file('?language=en')).toContain('PRODID:-//Tongka//Claims//EN\r\n');
  for (const query of ['', '?language=zh-CN'])
    expect(await file(query)).toContain('PRODID:-//Tongka//Claims//ZH\r\n');
});

test('who lets another act for him has his claim on both lists, and nobody else has', async () => {
  const [parent, stranger] = await Promise.all([
    counter.addHolder({ name: '张老先生' }),
    counter.addHolder(),
  ]);
  const child = await counter.addHolder();
  const { benefit, session } = await slot(9);
  const [proxy] = await sql<{ id: number }[]>`
    insert into proxy (cell, member_id, kind, user_id, label, named_by, started_at, accepted_at)
    values (${parent.cell}, ${parent.id}, 'family', ${child.userId}, '女儿', ${parent.userId},
      clock(), clock())
    returning id`;
  const body = { benefit, session, quantity: 2, member: String(parent.id) };
  expect((await show(child.phone, benefit)).people).toMatchObject([
    { member: null, cell: child.cell },
    { member: String(parent.id), maskedName: '张＊', cell: parent.cell },
  ]);
  expect(await code(put(stranger.phone, idIn(parent.cell), body))).toBe('member_unknown');
  const id = idIn(parent.cell);
  await expectStatus(put(child.phone, id, body), 201);
  const one = (held: HeldClaim[]) => held.map(({ id, holder }) => ({ id, holder }));
  expect(one((await mine(child.phone)).claims)).toEqual([{ id, holder: '张＊' }]);
  expect(one((await mine(parent.phone)).claims)).toEqual([{ id, holder: null }]);
  expect((await mine(stranger.phone)).claims).toEqual([]);
  expect((await inbox(parent.phone)).items).toMatchObject([{ state: 'confirmed', isRead: false }]);
  await sql`select end_proxies(array[${proxy?.id ?? 0}::int])`;
  expect((await mine(child.phone)).claims).toEqual([]);
  expect(await code(child.phone.get(`/api/claims/${id}`))).toBe('not_found');
});

test('what became of a claim is new until it was read, and what one did oneself is not told', async () => {
  const { phone, ...member } = await counter.addHolder();
  const { benefit, session } = await slot(2);
  const id = idIn(member.cell);
  await expectStatus(put(phone, id, { benefit, session }), 201);
  expect((await inbox(phone)).items).toEqual([]);
  await sql`select cancel_session(${session}, null, '摄影师生病')`;
  const told = await inbox(phone);
  expect(told).toMatchObject({
    unread: 1,
    items: [{ state: 'cancelled', before: 'confirmed', reason: '摄影师生病', isRead: false }],
  });
  const through = told.items[0]?.id ?? 0;
  expect(await expectStatus(phone.put('/api/me/inbox/read', { through }), 200)).toEqual({
    unread: 0,
  });
  expect((await inbox(phone)).items).toMatchObject([{ isRead: true }]);
});

test('the way of an answer that was lost: the same id again is what it became', async () => {
  const { phone, ...member } = await counter.addHolder();
  const { benefit, session } = await slot(2);
  const id = idIn(member.cell);
  const body = { benefit, session };
  await expectStatus(put(phone, id, body), 201);
  await expectStatus(put(phone, id, body), 200);
  await expectStatus(phone.post(`/api/claims/${id}/cancellation`), 200);
  expect(await expectStatus(put(phone, id, body), 200)).toMatchObject({ state: 'cancelled' });
});

test('a draw says how many tickets one would have, and a drop when its waves come', async () => {
  const { phone } = await counter.addHolder({ tags: ['model_worker'] });
  const drawn = await city.addBenefit();
  await city.letClaim(drawn, { kind: 'draw' });
  await city.addDraw(drawn, 'ab'.repeat(32), { neverWon: 2, tags: { model_worker: 3 } });
  expect((await show(phone, drawn)).people).toMatchObject([{ tickets: 6 }]);
  const dropped = await city.addBenefit();
  await city.letClaim(dropped, { kind: 'drop' });
  const session = await city.addSession(dropped, { cap: 0 });
  await city.addWave(dropped, '2080-06-01T10:00:00+08:00', { [session]: 4 });
  await city.addWave(dropped, '2080-06-02T10:00:00+08:00', { [session]: 5 });
  const page = await show(phone, dropped);
  expect(page.waves.map(({ opensAt, units }) => [opensAt, units])).toEqual([
    ['2080-06-01T02:00:00.000Z', 4],
    ['2080-06-02T02:00:00.000Z', 5],
  ]);
  expect(page.sessions).toMatchObject([{ left: 0, toCome: 9 }]);
  expect(page.people).toMatchObject([{ tickets: null, opensAt: '2080-06-01T02:00:00.000Z' }]);
});
