// Risk: the open card screen misses a redemption, shows one twice or another member's, or asks too much of the database.
import { expect, test } from 'vitest';
import type { Browser } from '../support/app.ts';
import { createApp } from '../support/app.ts';
import { idIn } from '../support/city.ts';
import { expectStatus, type Holder, openCounter, passOf, problemOf } from '../support/counter.ts';
import { createDatabase } from '../support/database.ts';

const database = await createDatabase();
const { sql } = database;
const counter = await openCounter(sql);
const { city, till, app } = counter;
const benefit = await city.addBenefit({ limit: [100, 'month'] });

type Event = { type: string; id: string; alerted: boolean; left: { count: number } };
type News = { events: Event[]; next: string };

const news = (phone: Browser, after?: string) =>
  expectStatus<News>(phone.get(`/api/me/events${after ? `?after=${after}` : ''}`), 200);

/** Uses the benefit with a pass of any minute of the booklet, so that a test need not wait for the next. */
async function use(holder: Holder): Promise<string> {
  const id = idIn(holder.cell);
  const item = { ...city.item(holder, benefit), id };
  const [key] = await sql<{ kid: number }[]>`select kid from signing_key`;
  await sql`select * from redeem(${sql.json([{ ...item, kid: key?.kid ?? 0 }])})`;
  return id;
}

test('everything is told once, in order, and nothing before the first asking', async () => {
  const holder = await counter.addHolder();
  await use(holder);
  const first = await news(holder.phone);
  expect(first.events).toEqual([]);
  const ids = [await use(holder), await use(holder)];
  const second = await news(holder.phone, first.next);
  expect(second.events.map(({ type, id }) => [type, id])).toEqual(
    ids.map((id) => ['redemption', id]),
  );
  expect((await news(holder.phone, second.next)).events).toEqual([]);
  await expectStatus(
    till.post(`/api/redemptions/${ids[0] ?? ''}/reversal`, { id: idIn(holder.cell), reason: 'x' }),
    201,
  );
  const third = await news(holder.phone, second.next);
  expect(third.events).toMatchObject([{ type: 'reversal', id: ids[0], left: { count: 98 } }]);
});

test('whatever the moment of asking, a screen that goes on asking hears of all, once', async () => {
  const holder = await counter.addHolder();
  let { next } = await news(holder.phone);
  const heard: string[] = [];
  let isDone = false;
  const screen = (async () => {
    for (let last = false; !last;) {
      last = isDone;
      const found = await news(holder.phone, next);
      heard.push(...found.events.map(({ id }) => id));
      next = found.next;
    }
  })();
  const used: string[] = [];
  for (let i = 0; i < 5; i++)
    used.push(...(await Promise.all([use(holder), use(holder), use(holder)])));
  isDone = true;
  await screen;
  expect(heard.toSorted()).toEqual(used.toSorted());
});

test('nothing new costs one statement and an empty answer', async () => {
  const statements: string[] = [];
  const pool = database.connect({ onStatement: (statement) => statements.push(statement) });
  const holder = await counter.addHolder();
  const phone = await createApp(pool).signInAs(holder.userId);
  await use(holder);
  const { next } = await news(phone);
  const answer = await phone.get(`/api/me/events?after=${next}`);
  const tag = answer.headers.get('ETag') ?? '';
  statements.length = 0;
  const again = await phone.get(`/api/me/events?after=${next}`, { 'If-None-Match': tag });
  expect(again.status).toBe(304);
  expect(await again.text()).toBe('');
  expect(statements).toHaveLength(1);
  await use(holder);
  const changed = await phone.get(`/api/me/events?after=${next}`, { 'If-None-Match': tag });
  expect(changed.status).toBe(200);
});

test('the look-up is by the member’s index', async () => {
  await sql`analyze redemption`;
  const [row] = await sql.begin(async (tx) => {
    await tx`set local enable_seqscan = off`;
    return tx`
      explain (format json) select * from redemption r
      where r.cell = 1 and r.member_id = 1 order by r.booked_at desc limit 20`;
  });
  expect(JSON.stringify(row)).toContain('redemption_news');
});

test('"not me" raises one alert for the union that pays, and tells the operator nothing', async () => {
  const holder = await counter.addHolder();
  const { id } = await counter.redeem(holder, benefit);
  const before = await expectStatus(till.get(`/api/outlets/${city.outlet.id}/redemptions`), 200);
  const answers = await Promise.all(
    Array.from({ length: 5 }, () => holder.phone.post(`/api/me/redemptions/${id}/alert`)),
  );
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 200, 200, 200, 201]);
  expect(
    await sql`select kind, union_id as "union", closed_at as closed from alert where redemption_id = ${id}`,
  ).toEqual([{ kind: 'not_me', union: city.unions.root, closed: null }]);
  expect(await expectStatus(till.get(`/api/outlets/${city.outlet.id}/redemptions`), 200)).toEqual(
    before,
  );
  const found = await news(holder.phone, '2000-01-01T00:00:00Z');
  expect(found.events.find((event) => event.id === id)?.alerted).toBe(true);
});

test('nobody raises an alert for somebody else’s redemption', async () => {
  const holder = await counter.addHolder({ cell: 3 });
  const { id } = await counter.redeem(holder, benefit);
  const other = await counter.addHolder({ cell: 3 });
  for (const [who, target] of [
    [other.phone, id],
    [other.phone, idIn(3)],
    [other.phone, idIn(4)],
    [till, id],
  ] as const)
    expect(await problemOf(who.post(`/api/me/redemptions/${target}/alert`))).toMatchObject({
      status: 404,
      code: 'not_found',
    });
  expect(await sql`select from alert where redemption_id = ${id}`).toHaveLength(0);
  expect((await news(other.phone, '2000-01-01T00:00:00Z')).events).toEqual([]);
});

test('the history is complete, newest first, page by page, and only one’s own', async () => {
  const holder = await counter.addHolder();
  const used: string[] = [];
  for (let i = 0; i < 45; i++) used.unshift(await use(holder));
  const seen: string[] = [];
  const pages: number[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const query: string = cursor && `?cursor=${cursor}`;
    const page = await expectStatus<{ redemptions: { id: string }[]; next: string | null }>(
      holder.phone.get(`/api/me/redemptions${query}`),
      200,
    );
    pages.push(page.redemptions.length);
    seen.push(...page.redemptions.map(({ id }) => id));
    cursor = page.next;
  }
  expect(pages).toEqual([20, 20, 5]);
  expect(seen).toEqual(used);
  const other = await counter.addHolder();
  expect(await expectStatus(other.phone.get('/api/me/redemptions'), 200)).toEqual({
    redemptions: [],
    next: null,
  });
});

test('five wrong short codes in a minute stop an operator, at one of his tills and not his colleague’s', async () => {
  const holder = await counter.addHolder();
  const { code, url } = await passOf(holder);
  const colleague = await city.addOperator(city.outlet.partner, [city.outlet]);
  const guesser = await app.signInAs(colleague.userId);
  const type = (browser: Browser, typed: string) =>
    problemOf(browser.post('/api/scans', { code: typed, outlet: city.outlet.id }));
  const wrong = '0000-0000-0000-0000';
  for (let i = 0; i < 4; i++) expect((await type(guesser, wrong)).code).toBe('pass_invalid');
  // Right ones do not count.
  for (let i = 0; i < 3; i++) expect((await type(guesser, code)).code).toBeUndefined();
  // A volley at once is no way around it.
  const volley = await Promise.all(Array.from({ length: 50 }, () => type(guesser, wrong)));
  expect(volley.filter((answer) => answer.code === 'pass_invalid')).toHaveLength(1);
  const stopped = await guesser.post('/api/scans', { code, outlet: city.outlet.id });
  expect(stopped.status).toBe(429);
  expect(Number(stopped.headers.get('Retry-After'))).toBeGreaterThan(0);
  expect(Number(stopped.headers.get('Retry-After'))).toBeLessThanOrEqual(60);
  // The camera still works, and so does everybody else.
  await expectStatus(guesser.post('/api/scans', { pass: url, outlet: city.outlet.id }), 200);
  expect((await type(till, code)).code).toBeUndefined();
});

test.each(['day', 'week', 'month', 'total', 'rolling'] as const)(
  'a use within a limit by %s is told, listed and given to take along, with what is left to the whole family',
  async (period) => {
    const holder = await counter.addHolder();
    await sql`update member set family_size = 2 where cell = ${holder.cell} and id = ${holder.id}`;
    const one = await city.addBenefit({ limit: [3, 'month'] });
    const days = period === 'rolling' ? 7 : null;
    await sql`
      update benefit set limit_period = ${period}, limit_family = true,
        limit_days = ${days} where id = ${one}`;
    const { next } = await news(holder.phone);
    expect((await counter.redeem(holder, one)).answer.status).toBe(201);
    const { events } = await news(holder.phone, next);
    expect(events).toMatchObject([{ left: { count: 5, period, days } }]);
    expect(await expectStatus(holder.phone.get(`/api/benefits/${one}`), 200)).toMatchObject({
      limit: { count: 6, period, days, left: 5 },
    });
    const history = holder.phone.get('/api/me/redemptions');
    expect(await expectStatus(history, 200)).toMatchObject({
      redemptions: [{ left: { count: 5, period } }],
    });
    await expectStatus(holder.phone.get('/api/me/data'), 200);
  },
);
