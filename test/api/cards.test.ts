// Risk: a card works on two phones, goes on working when it should have stopped, or does not say why it stopped.
import { expect, test } from 'vitest';
import type { Browser } from '../support/app.ts';
import { expectStatus, openCounter, passOf, problemOf } from '../support/counter.ts';
import { createDatabase } from '../support/database.ts';

const { sql } = await createDatabase();
const counter = await openCounter(sql);
const { city, app, till } = counter;

/** The same member on one more phone. */
const takePhone = (userId: string): Promise<Browser> => app.signInAs(userId);

async function takePhones(userId: string, count: number): Promise<Browser[]> {
  const phones: Browser[] = [];
  while (phones.length < count) phones.push(await takePhone(userId));
  return phones;
}

const enrol = (phone: Browser, body: object = {}) =>
  phone.post('/api/me/card/enrolment', { phoneLabel: '新手机', ...body });

async function liveCards(holder: { cell: number; id: number }): Promise<number> {
  const rows = await sql`
    select from card where cell = ${holder.cell} and member_id = ${holder.id} and status = 'live'`;
  return rows.length;
}

test('the phone keeps a secret that no script can read and no other site can use', async () => {
  const member = await city.addMember();
  const phone = await app.signInAs(member.userId);
  const answer = await enrol(phone, { takeover: true });
  const cookie = answer.headers.getSetCookie().find((line) => line.startsWith('tongka_phone='));
  expect(cookie).toMatch(
    /^tongka_phone=[0-9a-f]{32}; Max-Age=\d+; Path=\/api\/me; HttpOnly; SameSite=Strict$/,
  );
  const [card] = await sql<{ phoneHash: string }[]>`
    select phone_hash as "phoneHash" from card
    where cell = ${member.cell} and member_id = ${member.id} and status = 'live'`;
  expect(card?.phoneHash).toMatch(/^[0-9a-f]{64}$/);
  expect(card?.phoneHash).not.toContain(phone.cookies.get('tongka_phone'));
});

test('a second phone hears which one has the card, takes it over, and the first says why it stopped', async () => {
  const holder = await counter.addHolder();
  const before = await passOf(holder);
  const second = await takePhone(holder.userId);
  expect(await problemOf(second.get('/api/me/passes'))).toMatchObject({
    status: 409,
    code: 'card_not_enrolled',
  });
  expect(await problemOf(enrol(second))).toMatchObject({
    status: 409,
    code: 'card_on_another_phone',
    phoneLabel: '红色手机',
    enrolledAt: expect.stringMatching(/Z$/),
  });
  expect((await passOf(holder)).url).toBeTruthy();
  await expectStatus(enrol(second, { takeover: true }), 201);
  expect(await problemOf(holder.phone.get('/api/me/passes'))).toMatchObject({
    code: 'card_replaced',
    phoneLabel: '新手机',
    at: expect.stringMatching(/Z$/),
  });
  const events = await expectStatus(holder.phone.get('/api/me/events'), 200);
  expect(events).toMatchObject({ card: { status: 'replaced', endedAt: expect.any(String) } });
  expect(
    await problemOf(till.post('/api/scans', { pass: before.url, outlet: city.outlet.id })),
  ).toMatchObject({ status: 422, code: 'card_replaced', at: expect.stringMatching(/Z$/) });
  await counter.scan({ pass: (await passOf({ phone: second })).url });
  expect(await liveCards(holder)).toBe(1);
});

test('enrolling the same phone again changes nothing', async () => {
  const holder = await counter.addHolder();
  await expectStatus(enrol(holder.phone, { takeover: true }), 200);
  await counter.scan({ pass: (await passOf(holder)).url });
});

test('of many phones that take over at once each is told the truth, and one has the card', async () => {
  const holder = await counter.addHolder();
  const phones = await takePhones(holder.userId, 6);
  const answers = await Promise.all(phones.map((phone) => enrol(phone, { takeover: true })));
  expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(201));
  expect(await liveCards(holder)).toBe(1);
  const shown = await Promise.all(phones.map((phone) => phone.get('/api/me/passes')));
  expect(shown.filter(({ status }) => status === 200)).toHaveLength(1);
});

test('of many phones without takeover exactly one gets a new card', async () => {
  const holder = await counter.addHolder();
  await expectStatus(holder.phone.post('/api/me/card/loss'), 200);
  const phones = await takePhones(holder.userId, 6);
  const answers = await Promise.all(phones.map((phone) => enrol(phone)));
  expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409, 409]);
  expect(await liveCards(holder)).toBe(1);
});

test('a lost card stops at once, from any phone', async () => {
  const holder = await counter.addHolder();
  const { url } = await passOf(holder);
  const desk = await takePhone(holder.userId);
  await expectStatus(desk.post('/api/me/card/loss'), 200);
  expect(
    await problemOf(till.post('/api/scans', { pass: url, outlet: city.outlet.id })),
  ).toMatchObject({ code: 'card_lost' });
  // The lost phone is signed out; this one shows that the card is lost.
  expect(await problemOf(holder.phone.get('/api/me/passes'))).toMatchObject({
    code: 'session_revoked',
  });
  expect(await problemOf(desk.get('/api/me/passes'))).toMatchObject({ code: 'card_not_enrolled' });
  expect(await problemOf(desk.post('/api/me/card/loss'))).toMatchObject({
    status: 409,
    code: 'card_not_enrolled',
  });
});

test('on a phone that was signed in before the loss, a new card begins only after a new sign-in', async () => {
  const holder = await counter.addHolder();
  const desk = await takePhone(holder.userId);
  await expectStatus(desk.post('/api/me/card/loss'), 200);
  for (const before of [holder.phone, desk])
    expect(await problemOf(enrol(before))).toMatchObject({ status: 401, code: 'session_revoked' });
  expect(await liveCards(holder)).toBe(0);
  const found = await takePhone(holder.userId);
  await expectStatus(enrol(found), 201);
  await counter.scan({ pass: (await passOf({ ...holder, phone: found })).url });
  for (const before of [holder.phone, desk])
    expect(await problemOf(enrol(before, { takeover: true }))).toMatchObject({
      status: 401,
      code: 'session_revoked',
    });
  await counter.scan({ pass: (await passOf({ ...holder, phone: found })).url });
});

test('a blocked card blocks its member, also on a new phone', async () => {
  const holder = await counter.addHolder();
  const { url } = await passOf(holder);
  await sql`
    update card set status = 'blocked', ended_at = clock()
    where cell = ${holder.cell} and number = ${holder.card}`;
  for (const answer of [
    holder.phone.get('/api/me/passes'),
    enrol(holder.phone),
    enrol(await takePhone(holder.userId), { takeover: true }),
    till.post('/api/scans', { pass: url, outlet: city.outlet.id }),
  ])
    expect(await problemOf(answer)).toMatchObject({ status: 422, code: 'card_blocked' });
});

test('who left is told so at the next request, and his pass with him', async () => {
  const holder = await counter.addHolder();
  const { url } = await passOf(holder);
  await sql`
    update affiliation set ended_at = clock(), end_reason = 'left'
    where cell = ${holder.cell} and member_id = ${holder.id}`;
  for (const answer of [
    holder.phone.get('/api/me/passes'),
    holder.phone.get('/api/me/events'),
    holder.phone.get('/api/me/redemptions'),
    holder.phone.get('/api/benefits'),
    holder.phone.post('/api/me/card/loss'),
    enrol(holder.phone),
    till.post('/api/scans', { pass: url, outlet: city.outlet.id }),
  ])
    expect((await problemOf(answer)).code).toBe('member_left');
});

test('signing out everywhere stops the phone at the next request', async () => {
  const holder = await counter.addHolder();
  await expectStatus((await takePhone(holder.userId)).post('/api/session/revocation'), 200);
  for (const path of ['/api/me/passes', '/api/me/events', '/api/benefits'])
    expect(await problemOf(holder.phone.get(path))).toMatchObject({
      status: 401,
      code: 'session_revoked',
    });
});

test('an operator has no card, a stranger no session', async () => {
  expect(await problemOf(till.get('/api/me/passes'))).toMatchObject({
    status: 403,
    code: 'not_a_member',
  });
  expect(await problemOf(enrol(till))).toMatchObject({ status: 403, code: 'not_a_member' });
  const stranger = app.browser();
  for (const answer of [
    stranger.get('/api/me/passes'),
    enrol(stranger),
    stranger.get('/api/benefits'),
  ])
    expect(await problemOf(answer)).toMatchObject({ status: 401, code: 'not_signed_in' });
});

test('another member with the phone’s secret has nothing of its card', async () => {
  const holder = await counter.addHolder();
  const thief = await app.signInAs((await city.addMember()).userId);
  thief.cookies.set('tongka_phone', holder.phone.cookies.get('tongka_phone') ?? '');
  expect(await problemOf(thief.get('/api/me/passes'))).toMatchObject({ code: 'card_not_enrolled' });
  for (const secret of ['', 'x', '0'.repeat(33), "' or 1=1", '%00'.repeat(11)]) {
    thief.cookies.set('tongka_phone', secret);
    expect(await problemOf(thief.get('/api/me/passes'))).toMatchObject({
      code: 'card_not_enrolled',
    });
  }
});

test('two members may have their cards on one phone', async () => {
  const holder = await counter.addHolder();
  const other = await app.signInAs((await city.addMember({ name: '王芳' })).userId);
  other.cookies.set('tongka_phone', holder.phone.cookies.get('tongka_phone') ?? '');
  await expectStatus(enrol(other, { takeover: true }), 201);
  expect((await counter.scan({ pass: (await passOf({ phone: other })).url })).holder).toEqual({
    maskedName: '王＊',
  });
  expect((await counter.scan({ pass: (await passOf(holder)).url })).holder).toEqual({
    maskedName: '李＊',
  });
});
