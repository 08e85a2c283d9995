// Risk: a partner is paid more than was agreed, gives a benefit nobody tested, goes on after it was stopped, or goes
// without a word to those who use it; somebody else decides about it, or with another's money.
import { expect, test } from 'vitest';
import type { Transaction } from '../../db/client.ts';
import { openConsole } from '../support/console.ts';
import { expectStatus, openCounter, passOf, problemOf } from '../support/counter.ts';
import { createDatabase } from '../support/database.ts';
import { race } from '../support/gate.ts';

const { sql } = await createDatabase();
const counter = await openCounter(sql);
const desk = await openConsole(sql, counter);
const { root, home, host } = counter.city.unions;
const { outlet, homeOutlet } = counter.city;
const { partner } = outlet;
const reason = '检修';

const pathOf = (benefit: number) => `/api/benefits/${benefit}/partners/${partner}`;
const offerOf = async (benefit: number) => {
  const holder = await counter.addHolder();
  const { ticket, benefits } = await counter.scan({ pass: (await passOf(holder)).url });
  return { holder, ticket, offer: benefits.find(({ id }) => id === benefit) };
};
const tryOut = async (benefit: number) => {
  const { ticket } = await offerOf(benefit);
  return counter.till.post('/api/trials', { ticket, benefit, quantity: 1 });
};
const admissionOf = async (benefit: number) => {
  const { admissions } = await expectStatus<{ admissions: Record<string, unknown>[] }>(
    desk.at.city.get(`/api/benefits/${benefit}/partners`),
    200,
  );
  return admissions[0];
};

test('a partner is admitted, tested, opened, paused, opened again and ended, with an entry each', async () => {
  const benefit = await counter.city.addBenefit({ union: home, partners: [], limit: [9, 'total'] });
  const path = pathOf(benefit);
  const terms = { priceFen: 4000, capADay: 50, cap: 900, isOfflineAllowed: false };
  for (let i = 0; i < 2; i += 1)
    expect(await expectStatus(desk.at.home.put(path, { ...terms, reason: '签约' }), 200)).toEqual({
      benefitId: benefit,
      partnerId: partner,
      state: 'testing',
    });
  const change = (state: string) => desk.at.home.put(`${path}/state`, { state, reason });
  const { holder, ticket } = await offerOf(benefit);
  expect((await counter.redeem(holder, benefit)).answer.status).toBe(422);
  expect(await problemOf(change('live'))).toMatchObject({ code: 'trial_missing' });
  expect(
    await expectStatus(counter.till.post('/api/trials', { ticket, benefit, quantity: 1 }), 200),
  ).toEqual({ isAccepted: true, benefit, quantity: 1, priceFen: 4000 });
  await expectStatus(change('live'), 200);
  const used = await counter.redeem(holder, benefit);
  expect(await expectStatus(Promise.resolve(used.answer), 201)).toMatchObject({ priceFen: 4000 });
  expect(await admissionOf(benefit)).toMatchObject({
    ...terms,
    state: 'live',
    used: 1,
    usedToday: 1,
  });
  await expectStatus(change('paused'), 200);
  expect(await problemOf(change('paused'))).toMatchObject({ code: 'changed_meanwhile' });
  expect((await offerOf(benefit)).offer?.reason).toBe('partner_paused');
  await expectStatus(change('live'), 200);
  await expectStatus(desk.at.home.delete(path, { reason: '到期' }), 200);
  expect((await desk.at.home.delete(path, { reason: '到期' })).status).toBe(404);
  const entries = await desk.entries('benefit', benefit);
  expect(entries.map(({ action }) => action)).toEqual([
    'partner.admit',
    'admission.open',
    'admission.pause',
    'admission.open',
    'partner.remove',
  ]);
  expect(entries[0]).toMatchObject({ after: { partnerId: partner, priceFen: 4000, cap: 900 } });
});

test('a test redemption changes nothing but its own record, and hears the real refusals', async () => {
  const benefit = await counter.city.addBenefit({ limit: [1, 'total'] });
  await sql`update benefit set stage = 'test' where id = ${benefit}`;
  expect((await tryOut(benefit)).status).toBe(404);
  await sql`update benefit_partner set state = 'testing' where benefit_id = ${benefit}`;
  const { holder, ticket } = await offerOf(benefit);
  const put = { ticket, benefit, quantity: 1 };
  for (let i = 0; i < 2; i += 1) await expectStatus(counter.till.post('/api/trials', put), 200);
  expect(await problemOf(counter.till.post('/api/trials', { ...put, quantity: 2 }))).toMatchObject({
    code: 'quantity_too_large',
  });
  const [left] = await sql`
    select (select count(*)::int from redemption where benefit_id = ${benefit}) as redemptions,
      (select used from allocation where benefit_id = ${benefit}) as used,
      (select state from benefit_partner where benefit_id = ${benefit}) as state,
      (select stage from benefit where id = ${benefit}) as stage,
      (select outcome from trial where benefit_id = ${benefit}) as outcome,
      (select passed_at is not null from trial where benefit_id = ${benefit}) as passed`;
  expect(left).toEqual({
    redemptions: 0,
    used: 0,
    state: 'testing',
    stage: 'test',
    outcome: 'quantity_too_large',
    passed: true,
  });
  const none = await sql`select from notice where benefit_id = ${benefit}`;
  expect(none).toHaveLength(0);
  const { userId } = await counter.city.addOperator(partner, [homeOutlet]);
  const other = await counter.app.signInAs(userId);
  expect(await problemOf(other.post('/api/trials', put))).toMatchObject({ code: 'ticket_invalid' });
  expect(holder.card).toBeGreaterThan(0);
});

test('a test from before an admission ended does not open the next one', async () => {
  const benefit = await counter.city.addBenefit({ union: home, partners: [] });
  const open = () => desk.at.home.put(`${pathOf(benefit)}/state`, { state: 'live', reason });
  await expectStatus(desk.at.home.put(pathOf(benefit), { reason }), 200);
  await expectStatus(tryOut(benefit), 200);
  await expectStatus(desk.at.home.delete(pathOf(benefit), { reason }), 200);
  await expectStatus(desk.at.home.put(pathOf(benefit), { reason }), 200);
  expect(await problemOf(open())).toMatchObject({ code: 'trial_missing' });
  await expectStatus(tryOut(benefit), 200);
  await expectStatus(open(), 200);
});

test('terms stay within the benefit’s, its partner’s outlets and what is used already', async () => {
  const benefit = await counter.city.addBenefit({ union: home });
  await sql`update benefit_partner set used = 5, cap = 6 where benefit_id = ${benefit}`;
  const elsewhere = await counter.city.addOutlet(await counter.city.addPartner(home), home);
  const fieldOf = async (terms: object) => {
    const answer = await problemOf(desk.at.home.put(pathOf(benefit), { ...terms, reason }));
    return (answer['fields'] as { field: string }[] | undefined)?.[0]?.field ?? answer.code;
  };
  expect(await fieldOf({ priceFen: 4501 })).toBe('priceFen');
  expect(await fieldOf({ outletIds: [outlet.id, elsewhere.id] })).toBe('outletIds');
  expect(await fieldOf({ outletIds: [] })).toBe('outletIds');
  expect(await fieldOf({ capADay: 0 })).toBe('capADay');
  expect(await fieldOf({ cap: 4 })).toBe('cap_below_used');
});

test('who pays a share agrees by admitting, and a large sum takes a second person', async () => {
  const rule = [
    { payer: 'city', parts: 1 },
    { payer: 'headquarters', parts: 2 },
  ];
  const benefit = await counter.city.addBenefit({ price: 6000, partners: [] });
  await sql`update benefit set funding = ${sql.json(rule)} where id = ${benefit}`;
  await sql`update trade_union set two_person_fen = 100000 where id = ${host}`;
  await sql`insert into budget (union_id, year, amount_fen)
    select ${host}, extract(year from clock() at time zone 'Asia/Shanghai'), 1000000
    on conflict (union_id, year) do update set amount_fen = 1000000`;
  const path = pathOf(benefit);
  const field = await problemOf(desk.at.host.put(path, { reason }));
  expect(field).toMatchObject({ fields: [{ field: 'cap' }] });
  // The district next door has no say, though the benefit is the city's.
  expect((await desk.at.home.put(path, { cap: 10, reason })).status).toBe(404);
  // 25 units of 40 yuan are not above its threshold, 26 are.
  await expectStatus(desk.at.host.put(path, { cap: 25, reason }), 200);
  const { proposal } = await expectStatus<{ proposal: { id: number } }>(
    desk.at.host.put(path, { cap: 26, reason }),
    202,
  );
  expect(await admissionOf(benefit)).toMatchObject({ cap: 25 });
  const confirm = `/api/proposals/${proposal.id}/confirmation`;
  expect(await problemOf(desk.at.host.post(confirm, {}))).toMatchObject({ code: 'proposal_own' });
  await expectStatus(desk.at.city.post(confirm, {}), 200);
  expect(await admissionOf(benefit)).toMatchObject({ cap: 26, state: 'testing' });
  const [held] = await sql`
    select sum(unit_fen)::int as fen from reservation
    where benefit_id = ${benefit} and partner_id = ${partner} and released_at is null`;
  expect(held).toEqual({ fen: 4000 });
  const entries = await desk.entries('benefit', benefit);
  expect(entries.at(-1)).toMatchObject({ action: 'admission.change', union_id: host });
  // What costs no more takes one person, also when the budget is short by what nobody could reserve.
  await sql`update budget set amount_fen = 1 where union_id = ${host}`;
  await expectStatus(desk.at.host.put(path, { cap: 26, capADay: 5, reason }), 200);
  await expectStatus(desk.at.host.put(path, { cap: 9, reason }), 200);
  expect(await problemOf(desk.at.host.put(path, { cap: 10, reason }))).toMatchObject({
    code: 'budget_short',
  });
  await sql`update benefit_partner set state = 'live' where benefit_id = ${benefit}`;
  for (const state of ['paused', 'live', 'ended'])
    await expectStatus(desk.at.host.put(`${path}/state`, { state, reason }), 200);
  const [rest] = await sql`
    select from reservation
    where benefit_id = ${benefit} and partner_id = ${partner} and released_at is null`;
  expect(rest).toBeUndefined();
  await sql`update budget set amount_fen = 1000000 where union_id = ${host}`;
});

test('a confirmed proposal for terms that changed since is stale', async () => {
  const rule = [{ payer: 'headquarters', parts: 1 }];
  const benefit = await counter.city.addBenefit({ price: 100, partners: [] });
  await sql`update benefit set funding = ${sql.json(rule)} where id = ${benefit}`;
  const { proposal } = await expectStatus<{ proposal: { id: number } }>(
    desk.at.host.put(pathOf(benefit), { cap: 2000, reason }),
    202,
  );
  await expectStatus(desk.at.host.put(pathOf(benefit), { cap: 10, reason }), 200);
  const confirm = desk.at.city.post(`/api/proposals/${proposal.id}/confirmation`, {});
  expect(await problemOf(confirm)).toMatchObject({ code: 'proposal_stale' });
  expect(await admissionOf(benefit)).toMatchObject({ cap: 10 });
});

test('its district pauses and ends a partner in all its benefits, for good', async () => {
  const own = await counter.city.addPartner(host);
  const benefit = await counter.city.addBenefit({ partners: [own] });
  const path = `/api/partners/${own}/state`;
  const change = (state: string) => desk.at.host.put(path, { state, reason });
  await expectStatus(change('paused'), 200);
  expect((await desk.at.home.put(path, { state: 'live', reason })).status).toBe(404);
  const read = await expectStatus(desk.at.host.get(`/api/partners/${own}`), 200);
  expect(read).toMatchObject({ state: 'paused', reason, canEdit: true });
  // Why is between the partner and its own union.
  expect(await expectStatus(desk.at.home.get(`/api/partners/${own}`), 200)).toMatchObject({
    state: 'paused',
    reason: null,
    canEdit: false,
    admissions: [{ benefit: { id: benefit }, terms: null }],
  });
  await expectStatus(change('live'), 200);
  await expectStatus(change('ended'), 200);
  expect(await problemOf(change('live'))).toMatchObject({ code: 'changed_meanwhile' });
  expect(await admissionOf(benefit)).toMatchObject({ state: 'ended', stateReason: reason });
  const entries = await desk.entries('partner', own);
  expect(entries.map(({ action, union_id }) => [action, union_id])).toEqual([
    ['partner.pause', host],
    ['partner.resume', host],
    ['partner.end', host],
  ]);
});

test('who admits a partner while it ends hears that it has ended', async () => {
  const own = await counter.city.addPartner(host);
  const benefit = await counter.city.addBenefit({ partners: [] });
  const end = (tx: Transaction) =>
    tx`update partner set ended_at = clock(), end_reason = '到期' where id = ${own}`;
  const [admitted] = await race(sql, 1, end, () => [
    problemOf(desk.at.city.put(`/api/benefits/${benefit}/partners/${own}`, { reason })),
  ]);
  expect(admitted).toMatchObject({ code: 'changed_meanwhile' });
  expect(await sql`select from benefit_partner where partner_id = ${own}`).toHaveLength(0);
});

test('a branch is closed by the district where it stands, and opened by who closed it', async () => {
  const branch = await counter.city.addOutlet(await counter.city.addPartner(host), home);
  const path = `/api/outlets/${branch.id}/closure`;
  const set = (browser: typeof desk.at.home, isClosed: boolean) =>
    browser.put(path, { isClosed, reason });
  await expectStatus(set(desk.at.home, true), 200);
  expect((await set(desk.at.host, false)).status).toBe(404);
  await expectStatus(set(desk.at.city, false), 200);
  await expectStatus(set(desk.at.host, true), 200);
  expect((await set(desk.at.home, false)).status).toBe(404);
  await expectStatus(set(desk.at.host, false), 200);
  const entries = await desk.entries('outlet', branch.id);
  expect(entries.map(({ action, union_id }) => [action, union_id])).toEqual([
    ['outlet.close', home],
    ['outlet.open', home],
    ['outlet.close', host],
    ['outlet.open', host],
  ]);
});

test('a manager changes what members read of an outlet, and only his district learns of it', async () => {
  const change = {
    addressZh: '建国路9号',
    addressEn: '9 Jianguo Road',
    hours: [null, ...Array<object>(6).fill({ opens: 540, closes: 1380 })],
  };
  const path = `/api/outlets/${outlet.id}`;
  for (let i = 0; i < 2; i += 1) await expectStatus(desk.manager.patch(path, change), 200);
  expect(await expectStatus(counter.till.get(path), 200)).toMatchObject(change);
  expect(await desk.entries('outlet', outlet.id)).toMatchObject([
    { action: 'outlet.change', union_id: host, after: { addressZh: '建国路9号' } },
  ]);
  const wrong = { ...change, hours: [...change.hours.slice(0, 6), { opens: 600, closes: 600 }] };
  expect((await desk.manager.patch(path, wrong)).status).toBe(400);
});

test('a manager names an operator by phone, who is expected until he signs in, and removes him', async () => {
  const phone = '13611112222';
  const invite = () =>
    desk.manager.post('/api/operators', { partner, phone, name: '小王', outlets: [outlet.id] });
  const { id } = await expectStatus<{ id: number }>(invite(), 201);
  expect(await problemOf(invite())).toMatchObject({ code: 'operator_exists' });
  const seen = async () => {
    const { operators } = await expectStatus<{ operators: { id: number }[] }>(
      desk.manager.get('/api/operators'),
      200,
    );
    return operators.find((one) => one.id === id);
  };
  expect(await seen()).toMatchObject({ name: '小王', isExpected: true });
  const person = await counter.app.signIn(`+86${phone}`);
  expect(await seen()).toMatchObject({ isExpected: false, outlets: [{ id: outlet.id }] });
  await expectStatus(person.get(`/api/outlets/${outlet.id}`), 200);
  expect((await person.get(`/api/outlets/${homeOutlet.id}`)).status).toBe(404);
  await expectStatus(desk.manager.delete(`/api/operators/${id}`, { reason: '离职' }), 200);
  expect((await person.get(`/api/outlets/${outlet.id}`)).status).toBe(404);
  expect(await seen()).toBeUndefined();
  expect((await desk.manager.delete(`/api/operators/${id}/suspension`, { reason })).status).toBe(
    404,
  );
  expect(await expectStatus(invite(), 201)).toEqual({ id });
  await expectStatus(person.get(`/api/outlets/${outlet.id}`), 200);
});

test('what a partner took is listed and exported without saying for whom', async () => {
  const mine = await counter.city.addPartner(host);
  const place = await counter.city.addOutlet(mine, host);
  const benefit = await counter.city.addBenefit({ partners: [mine], limit: [9, 'total'] });
  const person = await counter.city.addOperator(mine, [place], 'manager');
  const manager = await counter.app.signInAs(person.userId);
  for (const name of ['张三', '李四', '王五']) {
    const item = {
      ...counter.city.item(await counter.city.addMember({ name }), benefit),
      outlet: place.id,
      user: person.userId,
      kid: (await sql<{ kid: number }[]>`select max(kid) as kid from signing_key`)[0]?.kid ?? 0,
    };
    const [row] = await sql`select outcome from redeem(${sql.json([item])})`;
    expect(row).toMatchObject({ outcome: 'accepted' });
  }
  const path = `/api/partners/${mine}/redemptions`;
  type Page = { redemptions: { id: string; owedFen: number }[]; next: string | null };
  const first = await expectStatus<Page>(manager.get(`${path}?limit=2`), 200);
  const rest = await expectStatus<Page>(
    manager.get(`${path}?limit=2&cursor=${first.next ?? ''}`),
    200,
  );
  const all = [...first.redemptions, ...rest.redemptions];
  expect(new Set(all.map(({ id }) => id)).size).toBe(3);
  expect(all.every(({ owedFen }) => owedFen === 4500)).toBe(true);
  expect(rest.next).toBeNull();
  const bytes = new Uint8Array(await (await manager.get(`${path}.csv`)).arrayBuffer());
  expect([...bytes.slice(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
  const file = new TextDecoder().decode(bytes);
  expect(file.trim().split('\r\n')).toHaveLength(4);
  expect(JSON.stringify(all) + file).not.toMatch(/[张李王]|＊|member/i);
  const none = await expectStatus<Page>(manager.get(`${path}?to=2020-01-01`), 200);
  expect(none.redemptions).toEqual([]);
  expect((await desk.manager.get(path)).status).toBe(404);
  expect((await desk.manager.get(`${path}.csv`)).status).toBe(404);
});

test('the list of partners goes on where it ended, and finds them by union, state and district', async () => {
  type Page = { partners: { id: number; state: string }[]; next: number | null };
  const list = (query: string) =>
    expectStatus<Page>(desk.at.city.get(`/api/partners${query}`), 200);
  const whole = await list('');
  const first = await list('?limit=2');
  const second = await list(`?limit=1000&after=${first.next ?? 0}`);
  expect([...first.partners, ...second.partners]).toEqual(whole.partners);
  expect((await list(`?union=${root}`)).partners).toHaveLength(whole.partners.length);
  const ended = await list('?state=ended');
  expect(ended.partners.length).toBeGreaterThan(0);
  expect(ended.partners.every(({ state }) => state === 'ended')).toBe(true);
});
