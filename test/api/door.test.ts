// Risk: at the door somebody stands in no list, or the list shows more of him than a merchant may see.
import { expect, test } from 'vitest';
import { staysConsistent } from '../support/consistent.ts';
import { openConsole } from '../support/console.ts';
import { expectStatus, openCounter, problemOf } from '../support/counter.ts';
import { createDatabase } from '../support/database.ts';
import { addGathering, claimFor, type Door } from '../support/door.ts';

const { sql } = await createDatabase();
const counter = await openCounter(sql);
const { city, till } = counter;
const desk = await openConsole(sql, counter);
staysConsistent(sql);

const code = async (answer: Promise<Response>) => (await problemOf(answer)).code;
type Day = { on: string; sessions: Door[] };
const door = (outlet = city.outlet.id, query = '') =>
  expectStatus<Day>(till.get(`/api/outlets/${outlet}/door${query}`), 200);

test('a merchant sees the day’s sessions at his outlet, who is expected and who is in, names masked', async () => {
  const where = await addGathering(city, { outlet: city.outlet.id, walkIns: true });
  const [holder, late] = [
    await counter.addHolder({ name: '王小花' }),
    await city.addMember({ name: '李大力' }),
  ];
  const claim = await claimFor(city, holder, where, 3);
  await claimFor(city, late, where);
  await sql`update session set cap = 10 where id = ${where.session}`;
  const { on, sessions } = await door();
  expect(on).toBe(
    new Intl.DateTimeFormat('en-CA', { timeZone: 'Asia/Shanghai' }).format(
      new Date(sessions[0]?.startsAt ?? 0),
    ),
  );
  const found = sessions.find(({ id }) => id === where.session);
  expect(found).toMatchObject({ expected: 4, in: 0, walkIns: 6, isAtPartner: true });
  expect(found?.claims).toMatchObject([
    { name: '李＊', quantity: 1, used: 0, state: 'confirmed', canAttend: false },
    { name: '王＊', quantity: 3, used: 0, inAt: null, code: claim.slice(-4).toUpperCase() },
  ]);
  expect(JSON.stringify(sessions)).not.toContain('小花');

  const { answer } = await counter.redeem(holder, where.benefit, 2);
  expect(answer.status).toBe(201);
  const after = (await door()).sessions.find(({ id }) => id === where.session);
  expect(after).toMatchObject({ expected: 4, in: 2 });
  expect(after?.claims[1]).toMatchObject({ used: 2, state: 'confirmed' });
  expect(after?.claims[1]?.inAt).not.toBeNull();
});

test('another day, another outlet and what was given up are not in it', async () => {
  const where = await addGathering(city, { outlet: city.outlet.id });
  const member = await city.addMember();
  const claim = await claimFor(city, member, where);
  await sql`update claim set state = 'cancelled', changed_at = clock() where id = ${claim}`;
  await sql`update allocation set claimed = 0 where benefit_id = ${where.benefit}`;
  await sql`update session set taken = 0 where id = ${where.session}`;
  const here = (await door()).sessions.find(({ id }) => id === where.session);
  expect(here?.claims).toEqual([]);
  const there = await door(city.homeOutlet.id);
  expect(there.sessions.map(({ id }) => id)).not.toContain(where.session);
  const [moved] = await sql<{ day: string }[]>`
    update session set starts_at = starts_at + interval '1 day', ends_at = ends_at + interval '1 day'
    where id = ${where.session} returning local_day(starts_at)::text as day`;
  expect((await door()).sessions.map(({ id }) => id)).not.toContain(where.session);
  const next = await door(city.outlet.id, `?on=${moved?.day ?? ''}`);
  expect(next.sessions.map(({ id }) => id)).toContain(where.session);
  for (const no of ['2026-02-30', '0000-01-01', '9999-12-31', 'infinity'])
    expect(await code(till.get(`/api/outlets/${city.outlet.id}/door?on=${no}`)), no).toBe(
      'invalid_request',
    );
});

test('the organiser sees the names of members he keeps, and another’s masked', async () => {
  const where = await addGathering(city, { pools: { shared: 100 } });
  await claimFor(city, await city.addMember({ name: '孙三丰' }), where);
  const guest = await city.addMember({ name: '钱小四', enterprise: city.unions.hostEnterprise });
  await claimFor(city, guest, where);
  const path = `/api/claim-sessions/${where.session}/door`;
  const { claims } = await expectStatus<Door>(desk.at.home.get(path), 200);
  expect(claims.map(({ name, canAttend }) => [name, canAttend])).toEqual([
    ['孙三丰', true],
    ['钱＊', true],
  ]);
  expect(await code(desk.at.host.get(path))).toBe('not_found');
  expect(await code(till.get(path))).toBe('not_found');
});

test('who asks again and again is sent the list only when it changed', async () => {
  const where = await addGathering(city, { outlet: city.outlet.id });
  await claimFor(city, await city.addMember(), where);
  const path = `/api/outlets/${city.outlet.id}/door`;
  const first = await till.get(path);
  const tag = first.headers.get('ETag') ?? '';
  expect((await till.get(path, { 'If-None-Match': tag })).status).toBe(304);
  await claimFor(city, await city.addMember(), where);
  const changed = await till.get(path, { 'If-None-Match': tag });
  expect(changed.status).toBe(200);
  expect(changed.headers.get('ETag')).not.toBe(tag);
});
