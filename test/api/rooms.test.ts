// Risk: a company cannot open its room to its neighbours, a neighbour reads who else comes, or who asked never hears.
import { expect, test } from 'vitest';
import type { Browser } from '../support/app.ts';
import { idIn } from '../support/city.ts';
import { openConsole, signInSomebody } from '../support/console.ts';
import { expectStatus, problemOf } from '../support/counter.ts';
import { createDatabase } from '../support/database.ts';
import { setClock } from '../support/clock.ts';

const { sql } = await createDatabase();
await setClock(sql, '2026-11-30T08:00:00+08:00');
const desk = await openConsole(sql);
const { city, app } = desk;
const { root, home, host, homeEnterprise, hostEnterprise } = city.unions;
const enterprise = await signInSomebody(app);
await sql`
  insert into officer (user_id, union_id, role)
  values (${enterprise.userId}, ${homeEnterprise}, 'editor')`;
await enterprise.passSecondFactor();

const rules = {
  ...{ placeZh: '三楼活动室', placeEn: 'Third floor', peopleMax: 20 },
  ...{ minutesMin: 30, minutesMax: 120, minutesAWeek: 180, daysAhead: 14 },
  ...{ needsApproval: true, cancelMinutes: 60, lateCancelWeight: 0, noShowWeight: 1 },
  version: 0,
  reason: '共享活动室',
};

/** A benefit that its enterprise union makes itself, and shares as a room. */
async function openRoom(more: object = {}): Promise<number> {
  const { id } = await expectStatus<{ id: number }>(
    enterprise.post(`/api/unions/${homeEnterprise}/benefits`, {
      ...{ kind: 'gym', titleZh: '活动室', titleEn: 'Room', summaryZh: '打球', summaryEn: 'Play' },
      ...{ priceFen: 0, faceValueFen: 0, weekdays: [1, 2, 3, 4, 5], audience: {} },
      ...{ startsAt: '2026-01-01T00:00:00Z', endsAt: '2027-12-31T00:00:00Z' },
      ...{ opensMinute: 540, closesMinute: 1260, validDistricts: null, quantityMax: 1 },
      ...{ limitCount: 20, limitPeriod: 'month', cap: null, reason: '新增' },
    }),
    201,
  );
  await expectStatus(
    enterprise.put(`/api/benefits/${id}/room`, { ...rules, sharedWith: home, ...more }),
    200,
  );
  return id;
}

async function addMember(union: number, name?: string) {
  const member = await city.addMember({ enterprise: union, ...(name && { name }) });
  return { ...member, browser: await app.signInAs(member.userId) };
}

type Person = Awaited<ReturnType<typeof addMember>>;

const ask = (who: Person, benefit: number, from: string, to: string, more: object = {}) =>
  who.browser.put(`/api/room-claims/${idIn(who.cell)}`, {
    benefit,
    startsAt: `2026-12-02T${from}:00+08:00`,
    endsAt: `2026-12-02T${to}:00+08:00`,
    people: 8,
    purpose: '羽毛球',
    ...more,
  });

const calendarOf = (browser: Browser, benefit: number) =>
  expectStatus<{
    requests: { claim: string; company: { id: number }; maskedName: string; purpose: string }[];
    bookings: { state: string }[];
    circles: { id: number }[];
    room: { sharedWith: number; minutesAWeek: number };
  }>(browser.get(`/api/benefits/${benefit}/room-calendar?from=2026-12-02`), 200);

test('an editor of an enterprise shares a room with the district, free of charge and with places for it', async () => {
  const benefit = await openRoom();
  const { room, circles } = await calendarOf(enterprise, benefit);
  expect(room).toMatchObject({ sharedWith: home, minutesAWeek: 180 });
  expect(circles.map(({ id }) => id)).toEqual([homeEnterprise, home, root]);
  const [pool] = await sql`
    select district_id, cap > 1000 as "isPlenty" from allocation where benefit_id = ${benefit}`;
  expect(pool).toEqual({ district_id: null, isPlenty: true });
  expect(await desk.entries('benefit', benefit)).toMatchObject([
    { action: 'benefit.create' },
    { action: 'room.set', union_id: homeEnterprise, after: { audience: { unions: [home] } } },
  ]);
  // Nobody overwrites what somebody else changed meanwhile.
  const stale = enterprise.put(`/api/benefits/${benefit}/room`, { ...rules, sharedWith: root });
  expect((await problemOf(stale)).code).toBe('changed_meanwhile');
  // It stays its own to change: what it is shared with stands in its terms.
  const { version } = await expectStatus<{ version: number }>(
    enterprise.get(`/api/benefits/${benefit}/terms`),
    200,
  );
  const changed = enterprise.patch(`/api/benefits/${benefit}/terms`, {
    ...{ version, titleZh: '大活动室', reason: '改名' },
  });
  expect((await changed).status).toBe(200);
});

test('a neighbour asks, another one hears that it is taken, a free time goes, and the owner decides', async () => {
  const benefit = await openRoom();
  const [street] = await sql<{ id: number }[]>`
    insert into trade_union (parent_id, kind, level, name_zh, name_en)
    values (${home}, 'enterprise', 4, '邻居公司', 'Neighbour') returning id`;
  const one = await addMember(homeEnterprise);
  const neighbour = await addMember(street?.id ?? 0, '赵邻居');
  const stranger = await addMember(hostEnterprise);
  const asked = await expectStatus<{ id: string; state: string }>(
    ask(neighbour, benefit, '18:00', '20:00'),
    201,
  );
  expect(asked.state).toBe('asked');
  expect(await problemOf(ask(one, benefit, '19:00', '21:00'))).toMatchObject({
    ...{ status: 422, code: 'room_taken' },
  });
  expect((await ask(one, benefit, '20:00', '21:00')).status).toBe(201);
  expect((await problemOf(ask(stranger, benefit, '10:00', '11:00'))).code).toBe('audience_union');

  const { requests } = await calendarOf(enterprise, benefit);
  expect(requests).toMatchObject([
    { claim: asked.id, company: { id: street?.id }, maskedName: '赵＊', purpose: '羽毛球' },
    { company: { id: homeEnterprise } },
  ]);
  const decide = (body: object) => enterprise.post(`/api/claims/${asked.id}/decision`, body);
  expect((await decide({ accept: false })).status).toBe(400);
  expect(await expectStatus(decide({ accept: true }), 200)).toEqual({ state: 'confirmed' });
  expect((await decide({ accept: true })).status).toBe(200);
  expect((await problemOf(decide({ accept: false, reason: '维修' }))).code).toBe('claim_ended');
  const { unread } = await expectStatus<{ unread: number }>(
    neighbour.browser.get('/api/me/inbox/unread'),
    200,
  );
  expect(unread).toBe(1);
});

test.each([
  ['a family', '亲子\u{1F468}\u200D\u{1F469}\u200D\u{1F467}'],
  ['a doctor of some skin', '\u{1F9D1}\u{1F3FB}\u200D\u2695\uFE0F 义诊'],
  ['a flag of many colours', '\u{1F3F3}\uFE0F\u200D\u{1F308}'],
])('a purpose keeps an emoji made of several: %s', async (_name, purpose) => {
  const benefit = await openRoom();
  const member = await addMember(homeEnterprise);
  expect((await ask(member, benefit, '18:00', '19:00', { purpose })).status).toBe(201);
  expect((await calendarOf(enterprise, benefit)).requests).toMatchObject([{ purpose }]);
});

test('a member sees when it is taken and what is left to his company, and nobody’s name or purpose', async () => {
  const benefit = await openRoom({ needsApproval: false });
  const [one, colleague] = [await addMember(homeEnterprise), await addMember(homeEnterprise)];
  await expectStatus(ask(one, benefit, '10:00', '12:00', { purpose: '秘密会议' }), 201);
  const seen = await colleague.browser.get(`/api/benefits/${benefit}/room?from=2026-12-06`);
  const text = await seen.text();
  expect(JSON.parse(text)).toMatchObject({
    ...{ week: '2026-11-30', today: '2026-11-30', lastDay: '2026-12-14' },
    ...{ minutesAWeek: 180, minutesUsed: 120, opensMinute: 540 },
    busy: [
      { startsAt: '2026-12-02T02:00:00.000Z', endsAt: '2026-12-02T04:00:00.000Z', isOwn: false },
    ],
  });
  expect(text).not.toContain('秘密');
  const page = await (await colleague.browser.get(`/api/benefits/${benefit}/claims`)).text();
  expect(page).not.toContain('秘密');
  expect(await problemOf(ask(colleague, benefit, '14:00', '16:00'))).toMatchObject({
    ...{ code: 'room_hours_used', minutesLeft: 60 },
  });
  const [own] = (
    await expectStatus<{ claims: { id: string; canMove: boolean; canCancel: boolean }[] }>(
      one.browser.get('/api/me/claims'),
      200,
    )
  ).claims;
  expect(own).toMatchObject({ canMove: false, canCancel: true });
  await expectStatus(one.browser.post(`/api/claims/${own?.id}/cancellation`), 200);
  expect((await ask(colleague, benefit, '10:00', '12:00')).status).toBe(201);
});

test('one id asks once, whatever the answer was lost to; with other hours it is refused', async () => {
  const benefit = await openRoom();
  const member = await addMember(homeEnterprise);
  const id = idIn(member.cell);
  const put = (to: string) =>
    member.browser.put(`/api/room-claims/${id}`, {
      ...{ benefit, startsAt: '2026-12-02T10:00:00+08:00', endsAt: `2026-12-02T${to}:00+08:00` },
      ...{ people: 8, purpose: '羽毛球' },
    });
  const answers = await Promise.all(Array.from({ length: 8 }, () => put('11:00')));
  expect(answers.map(({ status }) => status).sort()).toEqual([...Array(7).fill(200), 201]);
  expect((await problemOf(put('12:00'))).code).toBe('exists_with_different_content');
});

test.each([
  ['a time between the quarters', { startsAt: '2026-12-02T10:07:00+08:00' }],
  ['a day that there is not', { startsAt: '2026-02-30T10:00:00+08:00' }],
  ['no zone', { startsAt: '2026-12-02T10:00:00' }],
  ['nobody', { people: 0 }],
  ['no purpose', { purpose: '  ' }],
  ['half a surrogate', { purpose: '\ud842' }],
  ['a field of its own', { state: 'confirmed' }],
])('asked with %s: 400 and nothing made', async (_what, more) => {
  const benefit = await openRoom();
  const member = await addMember(homeEnterprise);
  const answer = await problemOf(ask(member, benefit, '10:00', '11:00', more));
  expect(answer).toMatchObject({ status: 400, code: 'invalid_request' });
  expect(await sql`select from claim where benefit_id = ${benefit}`).toEqual([]);
});

test.each([
  ['a union beside it', { sharedWith: host }],
  ['bounds that cross', { minutesMin: 60, minutesMax: 30 }],
  ['less a week than once', { minutesMin: 90, minutesMax: 120, minutesAWeek: 60 }],
])('shared with %s: 400', async (_what, more) => {
  const benefit = await openRoom();
  const answer = enterprise.put(`/api/benefits/${benefit}/room`, {
    ...{ ...rules, sharedWith: home },
    ...more,
  });
  expect(await problemOf(answer)).toMatchObject({ status: 400, code: 'invalid_request' });
});

test('what costs money is no room, and a room that was asked for stays one', async () => {
  const dear = await city.addBenefit({ union: homeEnterprise, price: 100 });
  const share = enterprise.put(`/api/benefits/${dear}/room`, { ...rules, sharedWith: home });
  expect((await problemOf(share)).code).toBe('room_not_free');
  const slot = await city.addBenefit({ union: homeEnterprise, price: 0 });
  await city.letClaim(slot);
  const session = await city.addSession(slot);
  const member = await addMember(homeEnterprise);
  await expectStatus(
    member.browser.put(`/api/claims/${idIn(member.cell)}`, { benefit: slot, session }),
    201,
  );
  const turn = enterprise.put(`/api/benefits/${slot}/room`, {
    ...{ ...rules, sharedWith: home, version: 1 },
  });
  expect((await problemOf(turn)).code).toBe('claims_exist');
});

test('nobody waits for, or moves to, what is another’s in a room', async () => {
  const benefit = await openRoom({ needsApproval: false });
  const [one, other] = [await addMember(homeEnterprise), await addMember(homeEnterprise)];
  await expectStatus(ask(one, benefit, '10:00', '11:00'), 201);
  const mine = await expectStatus<{ id: string }>(ask(other, benefit, '12:00', '13:00'), 201);
  const [taken] = await sql<{ id: number }[]>`
    select id from session where benefit_id = ${benefit} order by id limit 1`;
  const session = taken?.id;
  const wait = other.browser.put(`/api/claims/${idIn(other.cell)}`, {
    ...{ benefit, session, waits: true },
  });
  expect((await problemOf(wait)).code).toBe('benefit_unknown');
  const move = other.browser.post(`/api/claims/${mine.id}/move`, { session });
  expect((await problemOf(move)).code).toBe('session_unknown');
});

test('the owner records in his calendar who came and who did not, when it is over; nobody else does', async () => {
  const benefit = await openRoom({ needsApproval: false });
  const one = await addMember(homeEnterprise);
  const asked = await expectStatus<{ id: string }>(ask(one, benefit, '10:00', '11:00'), 201);
  const record = (who: Browser) =>
    who.post(`/api/claims/${asked.id}/no-show`, { reason: '没有来' });
  const facts = async () => {
    const { bookings } = await expectStatus<{ bookings: object[] }>(
      enterprise.get(`/api/benefits/${benefit}/room-calendar?from=2026-12-02`),
      200,
    );
    return bookings;
  };
  expect(await facts()).toMatchObject([{ canAttend: false, canMiss: false }]);
  await setClock(sql, '2026-12-02T10:30:00+08:00');
  expect(await facts()).toMatchObject([{ canAttend: true, canMiss: false }]);
  expect(await problemOf(record(enterprise))).toMatchObject({ code: 'claim_not_now' });
  await setClock(sql, '2026-12-03T09:00:00+08:00');
  expect(await facts()).toMatchObject([{ canAttend: true, canMiss: true }]);
  expect(await problemOf(record(desk.at.host))).toMatchObject({ code: 'not_found' });
  expect(await problemOf(record(one.browser))).toMatchObject({ code: 'not_found' });
  await expectStatus(record(enterprise), 200);
  expect(await facts()).toMatchObject([{ state: 'no_show', canAttend: false, canMiss: false }]);
  const told = await expectStatus<{ items: object[] }>(one.browser.get('/api/me/inbox'), 200);
  expect(told.items[0]).toMatchObject({ state: 'no_show', reason: '没有来' });
  await setClock(sql, '2026-11-30T08:00:00+08:00');
});
