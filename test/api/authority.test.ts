import { sql as statement } from 'drizzle-orm';
import { beforeEach, expect, test } from 'vitest';
import { Hono } from 'hono';
import { authority, refuse, signedIn } from '../../api/authority.ts';
import type { Actor } from '../../api/caller.ts';
import type { Env } from '../../api/context.ts';
import { Problem, problemResponse } from '../../api/errors.ts';
import { createApp } from '../support/app.ts';
import { buildCity, type City } from '../support/city.ts';
import { createDatabase } from '../support/database.ts';

const database = await createDatabase();
const { sql } = database;
const app = createApp(sql);
const at = '2026-06-01T04:00:00.000Z';

let city: City;

beforeEach(async () => {
  city = await buildCity(sql);
});

type Row = Record<string, unknown> & { role: string };

const roles = async (userId: string, actor: Partial<Actor> = {}): Promise<Row[]> => {
  const whole: Actor = { userId, sessionAt: at, secondFactorAt: null, ...actor };
  const { db } = app.services;
  return db.execute<Row>(statement`select * from ${authority(whole)} order by role, union_id`);
};

test('a member with an open affiliation, in his home district', async () => {
  const member = await city.addMember();
  const { root, home, homeEnterprise } = city.unions;
  expect(await roles(member.userId)).toEqual([
    {
      role: 'member',
      union_id: homeEnterprise,
      partner_id: null,
      operator_id: null,
      outlet_ids: null,
      cell: member.cell,
      member_id: member.id,
      district_id: home,
      union_path: [root, home, homeEnterprise],
    },
  ]);
});

test('an operator where he is posted, a manager at all outlets of the partner', async () => {
  const { outlet, homeOutlet } = city;
  const posted = await city.addOperator(outlet.partner, [outlet]);
  const manager = await city.addOperator(outlet.partner, [], 'manager');
  expect(await roles(posted.userId)).toMatchObject([
    {
      role: 'operator',
      partner_id: outlet.partner,
      operator_id: posted.id,
      outlet_ids: [outlet.id],
    },
  ]);
  expect(await roles(manager.userId)).toMatchObject([
    { role: 'manager', partner_id: outlet.partner, outlet_ids: [outlet.id, homeOutlet.id] },
  ]);
});

test('a post at an outlet of another partner counts for nothing', async () => {
  const stranger = await city.addPartner(city.unions.host);
  const foreign = await city.addOutlet(stranger, city.unions.host);
  const posted = await city.addOperator(city.outlet.partner, [city.outlet, foreign]);
  expect(await roles(posted.userId)).toMatchObject([{ outlet_ids: [city.outlet.id] }]);
});

test('an officer has no role before the second factor, and his union’s place after it', async () => {
  const { root, home } = city.unions;
  for (const role of ['administrator', 'viewer'] as const) {
    const officer = await city.addOfficer(home, role);
    expect(await roles(officer.userId)).toEqual([]);
    expect(await roles(officer.userId, { secondFactorAt: at })).toMatchObject([
      { role, union_id: home, district_id: home, union_path: [root, home], member_id: null },
    ]);
  }
});

test('one person may be several things', async () => {
  const member = await city.addMember();
  const { outlet, unions } = city;
  await sql`insert into operator (user_id, partner_id, role) values (${member.userId}, ${outlet.partner}, 'manager')`;
  await sql`insert into officer (user_id, union_id, role) values (${member.userId}, ${unions.home}, 'viewer')`;
  const found = await roles(member.userId, { secondFactorAt: at });
  expect(found.map((row) => row.role)).toEqual(['manager', 'member', 'viewer']);
});

// Risk: a signed session outlives what it stands for.
test('who left, was suspended or signed out everywhere has nothing left', async () => {
  const member = await city.addMember();
  const operator = await city.addOperator(city.outlet.partner, [city.outlet]);
  const officer = await city.addOfficer(city.unions.root);
  const passed = { secondFactorAt: at };
  const all = () =>
    Promise.all([roles(member.userId), roles(operator.userId), roles(officer.userId, passed)]).then(
      (each) => each.map((one) => one.length),
    );
  expect(await all()).toEqual([1, 1, 1]);
  await sql`update affiliation set ended_at = '2026-05-01Z' where member_id = ${member.id}`;
  expect(await all()).toEqual([0, 1, 1]);
  await sql`update operator set suspended_at = '2026-05-01Z' where id = ${operator.id}`;
  expect(await all()).toEqual([0, 0, 1]);
  await sql`update officer set suspended_at = '2026-05-01Z' where user_id = ${officer.userId}`;
  expect(await all()).toEqual([0, 0, 0]);

  const other = await city.addMember();
  expect(await roles(other.userId)).toHaveLength(1);
  await sql`select end_sessions(${other.userId})`;
  expect(await roles(other.userId)).toEqual([]);
  const [now] = await sql<{ at: Date }[]>`select session_instant(${other.userId}) as at`;
  expect(await roles(other.userId, { sessionAt: now?.at.toISOString() ?? '' })).toHaveLength(1);
});

test('nobody and unknown users are nothing', async () => {
  expect(await roles('')).toEqual([]);
  expect(await roles("' or true --")).toEqual([]);
});

// Risk: authority costs each route a scan, or a call for every row.
test('authority is part of the statement that joins it', async () => {
  const plan = await sql<{ 'QUERY PLAN': string }[]>`
    explain select * from authority('x', ${at}, null) a join trade_union t on t.id = a.union_id`;
  expect(plan.map((row) => row['QUERY PLAN']).join('\n')).not.toMatch(/Function Scan/);
});

const probe = new Hono<Env>()
  .use(async (c, next) => {
    const given = c.req.header('X-Actor');
    c.set('actor', given === undefined ? null : (JSON.parse(given) as Actor));
    c.set('requestId', 'r');
    await next();
  })
  .get('/', (c) => {
    signedIn(c);
    return refuse(c);
  });
probe.onError((error, c) => {
  if (error instanceof Problem) return problemResponse(error, 'r');
  return c.text(error.message, 500);
});

async function refusal(actor: Actor | null): Promise<[number, string]> {
  const headers: Record<string, string> = actor ? { 'X-Actor': JSON.stringify(actor) } : {};
  const answer = await probe.request('/', { headers }, app.services);
  return [answer.status, ((await answer.json()) as { code: string }).code];
}

test('a refusal says why, as far as it may', async () => {
  const member = await city.addMember();
  const officer = await city.addOfficer(city.unions.home);
  const of = (userId: string, secondFactorAt: string | null = null): Actor => ({
    userId,
    sessionAt: at,
    secondFactorAt,
  });
  expect(await refusal(null)).toEqual([401, 'not_signed_in']);
  expect(await refusal(of('nobody'))).toEqual([401, 'session_revoked']);
  expect(await refusal(of(member.userId))).toEqual([404, 'not_found']);
  expect(await refusal(of(officer.userId))).toEqual([403, 'second_factor_required']);
  expect(await refusal(of(officer.userId, at))).toEqual([404, 'not_found']);
  await sql`select end_sessions(${member.userId})`;
  expect(await refusal(of(member.userId))).toEqual([401, 'session_revoked']);
});

// Risk: a fresh cookie lets somebody act for five more minutes.
test('over HTTP, leaving and suspension act at the next request', async () => {
  const member = await city.addMember();
  const asMember = await app.signInAs(member.userId);
  const before = await asMember.get('/api/session');
  expect(((await before.json()) as { member: unknown }).member).not.toBeNull();
  await sql`update affiliation set ended_at = clock() where member_id = ${member.id}`;
  const after = await asMember.get('/api/session');
  expect(((await after.json()) as { member: unknown }).member).toBeNull();

  const operator = await city.addOperator(city.outlet.partner, [city.outlet]);
  const asOperator = await app.signInAs(operator.userId);
  await sql`update operator set suspended_at = clock() where id = ${operator.id}`;
  expect(await (await asOperator.get('/api/session')).json()).toMatchObject({ posts: [] });

  const officer = await city.addOfficer(city.unions.root);
  const asOfficer = await app.signInAs(officer.userId, { secondFactor: true });
  expect((await asOfficer.get('/api/unions')).status).toBe(200);
  await sql`update officer set suspended_at = clock() where user_id = ${officer.userId}`;
  expect((await asOfficer.get('/api/unions')).status).toBe(404);
});
