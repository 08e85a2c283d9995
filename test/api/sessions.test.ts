import { expect, test } from 'vitest';
import { app as api } from '../../api/app.ts';
import { type Browser, createApp, testSecret } from '../support/app.ts';
import { buildCity } from '../support/city.ts';
import { createDatabase } from '../support/database.ts';

const database = await createDatabase();
const { sql } = database;
const app = createApp(sql);
const city = await buildCity(sql);

let serial = 0;
const newPhone = () => `+86169100${String((serial += 1)).padStart(5, '0')}`;

async function sessionOf(browser: Browser) {
  return (await (await browser.get('/api/session')).json()) as {
    user: { id: string } | null;
    member: Record<string, unknown> | null;
    posts: Record<string, unknown>[];
    offices: Record<string, unknown>[];
    secondFactor: string;
    demo: boolean;
  };
}

test('nobody is signed in before signing in', async () => {
  expect(await sessionOf(app.browser())).toEqual({
    user: null,
    member: null,
    posts: [],
    offices: [],
    invitations: [],
    secondFactor: 'none',
    demo: true,
  });
  const answer = await app.browser().post('/api/session/revocation');
  expect([answer.status, await answer.json()]).toMatchObject([401, { code: 'not_signed_in' }]);
});

test('the session says who one is: member, operator, officer', async () => {
  const member = await city.addMember({ name: '李小明' });
  const asMember = await sessionOf(await app.signInAs(member.userId));
  expect(asMember.user).toEqual({ id: member.userId });
  expect(asMember.member).toMatchObject({
    name: '李小明',
    district: { id: city.unions.home, code: expect.stringMatching(/^\d{6}$/) as string },
    union: { id: city.unions.homeEnterprise },
  });
  expect(asMember.secondFactor).toBe('none');

  const asOperator = await sessionOf(await app.signInAs(city.operator.userId));
  expect(asOperator.posts).toMatchObject([
    {
      operatorId: city.operator.id,
      role: 'operator',
      partner: { id: city.outlet.partner, nameEn: 'Galaxy Cinemas' },
      outlets: [{ id: city.outlet.id }, { id: city.homeOutlet.id }],
    },
  ]);

  const officer = await city.addOfficer(city.unions.home, 'viewer');
  const asOfficer = await sessionOf(await app.signInAs(officer.userId));
  expect(asOfficer.offices).toMatchObject([
    { role: 'viewer', union: { id: city.unions.home, kind: 'district' } },
  ]);
  expect(asOfficer.secondFactor).toBe('enrolment_required');
});

test('the first sign-in makes the member with that phone the user’s, by no other link than the phone', async () => {
  const member = await city.addMember();
  await sql`update member set user_id = null where id = ${member.id}`;
  await sql`delete from auth_user where id = ${member.userId}`;
  const phone = newPhone();
  const first = await app.signIn(phone);
  expect((await sessionOf(first)).member).toBeNull();
  const [user] = await sql<{ hash: string }[]>`
    select phone_number as hash from auth_user where id = ${first.userId}`;
  await sql`update member set phone_hash = ${user?.hash ?? ''} where id = ${member.id}`;
  const again = await app.signIn(phone);
  expect(again.userId).toBe(first.userId);
  expect((await sessionOf(again)).member).not.toBeNull();
});

// Risk: a number that the telephone company gives to somebody else opens the old holder's membership, or the new one's
// to the old holder's phone.
test('a phone number that changed hands ends the old holder’s sessions', async () => {
  const phone = newPhone();
  const old = await city.addMember({ name: '旧主人' });
  await app.signIn(phone);
  const [user] = await sql<{ id: string; hash: string }[]>`
    select id, phone_number as hash from auth_user order by created_at desc limit 1`;
  await sql`update member set user_id = ${user?.id ?? ''}, phone_hash = ${user?.hash ?? ''} where id = ${old.id}`;
  const oldPhone = await app.signIn(phone);
  expect((await sessionOf(oldPhone)).member).toMatchObject({ name: '旧主人' });

  await sql`update member set phone_hash = 'another' where id = ${old.id}`;
  const next = await city.addMember({ name: '新主人' });
  await sql`update member set user_id = null, phone_hash = ${user?.hash ?? ''} where id = ${next.id}`;
  const newHolder = await app.signIn(phone);
  expect((await sessionOf(newHolder)).member).toMatchObject({ name: '新主人' });
  expect((await sessionOf(oldPhone)).user).toBeNull();
});

test('cookies are HttpOnly, SameSite=Lax, and Secure where the site is https', async () => {
  for (const origin of ['http://localhost:8787', 'https://card.example.org']) {
    const site = createApp(sql, { config: { origin } });
    const phone = newPhone();
    const browser = site.browser();
    await browser.post('/api/auth/phone-number/send-otp', { phoneNumber: phone });
    const code = browser.lastCode(phone);
    const body = { phoneNumber: phone, code };
    const answer = await browser.post('/api/auth/phone-number/verify', body);
    const cookies = answer.headers.getSetCookie();
    expect(cookies.map((cookie) => cookie.split('=')[0])).toEqual(
      ['session_token', 'session_data'].map((name) =>
        origin.startsWith('https') ? `__Secure-tongka.${name}` : `tongka.${name}`,
      ),
    );
    for (const cookie of cookies) {
      expect(cookie).toMatch(/; Path=\/(;|$)/i);
      expect(cookie).toMatch(/; HttpOnly/i);
      expect(cookie).toMatch(/; SameSite=Lax/i);
      expect(/; Secure/i.test(cookie)).toBe(origin.startsWith('https'));
      expect(cookie).not.toMatch(/Domain=/i);
    }
    expect((await sessionOf(browser)).user).not.toBeNull();
  }
});

// Risk: every request pays a trip for its session.
test('a fresh cookie costs no statement, a stale one a look-up that makes it fresh', async () => {
  const statements: string[] = [];
  const counted = createApp(database.connect({ onStatement: (one) => statements.push(one) }));
  const browser = await counted.signIn(newPhone());
  await browser.get('/api/session');
  statements.length = 0;
  await browser.get('/api/nowhere');
  expect(statements).toEqual([]);
  await browser.get('/api/session');
  expect(statements.length).toBe(1);

  browser.cookies.delete('tongka.session_data');
  statements.length = 0;
  await browser.get('/api/nowhere');
  expect(statements.length).toBeGreaterThan(0);
  expect(browser.cookies.has('tongka.session_data')).toBe(true);
  statements.length = 0;
  await browser.get('/api/nowhere');
  expect(statements).toEqual([]);
});

test('no cache keeps what was answered to somebody', async () => {
  const browser = await app.signIn(newPhone());
  for (const path of ['/api/session', '/api/nowhere']) {
    expect((await browser.get(path)).headers.get('Cache-Control'), path).toBe('no-store');
  }
});

test('health asks nothing about the caller', async () => {
  const statements: string[] = [];
  const counted = createApp(database.connect({ onStatement: (one) => statements.push(one) }));
  const browser = await counted.signIn(newPhone());
  browser.cookies.delete('tongka.session_data');
  statements.length = 0;
  expect((await browser.get('/api/health')).status).toBe(200);
  expect(statements).toEqual([]);
});

// Risk: a cookie that somebody made up, or changed, is believed, or brings the server down.
test('forged and damaged cookies are nobody', async () => {
  const victim = await app.signIn(newPhone());
  const token = decodeURIComponent(victim.cookies.get('tongka.session_token') ?? '');
  const data = victim.cookies.get('tongka.session_data') ?? '';
  const [header = '', payload = '', signature = ''] = data.split('.');
  const base64url = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as {
    session: Record<string, unknown>;
  };
  claims.session['secondFactorAt'] = new Date().toISOString();
  const raised = base64url(claims);
  const forgeries: Record<string, string>[] = [
    { 'tongka.session_data': `${header}.${raised}.${signature}` },
    { 'tongka.session_data': `${base64url({ alg: 'none' })}.${raised}.` },
    { 'tongka.session_data': `${base64url({ alg: 'None', typ: 'JWT' })}.${raised}.${signature}` },
    { 'tongka.session_data': data.slice(0, -8) },
    { 'tongka.session_data': '%00%ff' },
    { 'tongka.session_data': 'null' },
    { 'tongka.session_data': btoa('{"session":1}') },
    { 'tongka.session_data': 'x'.repeat(10_000) },
    { 'tongka.session_token': token.split('.')[0] ?? '' },
    { 'tongka.session_token': `${token.split('.')[0]}.${btoa('x'.repeat(32))}` },
    { 'tongka.session_token': '%' },
    { 'tongka.session_token': '' },
  ];
  for (const forgery of forgeries) {
    const browser = app.browser();
    for (const [name, value] of Object.entries(forgery)) browser.cookies.set(name, value);
    expect((await sessionOf(browser)).user, JSON.stringify(forgery)).toBeNull();
  }
  const otherSecret = createApp(sql, { config: { secret: `${testSecret}!` } });
  const elsewhere = otherSecret.browser();
  for (const [name, value] of victim.cookies) elsewhere.cookies.set(name, value);
  expect((await sessionOf(elsewhere)).user).toBeNull();
});

test('a damaged cache beside a good token is made anew', async () => {
  const browser = await app.signIn(newPhone());
  for (const damaged of ['null', 'x', '%00', btoa('{}')]) {
    browser.cookies.set('tongka.session_data', damaged);
    expect((await sessionOf(browser)).user).toEqual({ id: browser.userId });
    expect(browser.cookies.get('tongka.session_data')).not.toBe(damaged);
  }
});

test('signing out ends this session only', async () => {
  const phone = newPhone();
  const here = await app.signIn(phone);
  const there = await app.signIn(phone);
  expect((await here.post('/api/auth/sign-out')).status).toBe(200);
  expect(here.cookies.size).toBe(0);
  expect((await sessionOf(there)).user).not.toBeNull();
  const rows = await sql`select 1 from auth_session where user_id = ${here.userId}`;
  expect(rows.length).toBe(1);
});

test('signing out without a session is no error', async () => {
  expect((await app.browser().post('/api/auth/sign-out')).status).toBe(200);
});

// Risk: the thief of a phone keeps his signed cookie for five more minutes.
test('signing out everywhere acts at the next request, however fresh the cookie', async () => {
  const phone = newPhone();
  const here = await app.signIn(phone);
  const stolen = await app.signIn(phone);
  const kept = new Map(stolen.cookies);
  expect((await here.post('/api/session/revocation')).status).toBe(200);
  expect(here.cookies.size).toBe(0);
  expect((await sessionOf(stolen)).user).toBeNull();
  const [row] =
    await sql`select count(*)::int as count from auth_session where user_id = ${here.userId}`;
  expect(row).toEqual({ count: 0 });
  // Not with the cache alone, nor the token alone either.
  for (const name of kept.keys()) {
    const browser = app.browser();
    browser.cookies.set(name, kept.get(name) ?? '');
    expect((await sessionOf(browser)).user).toBeNull();
  }
  const back = await app.signIn(phone);
  expect((await sessionOf(back)).user).toEqual({ id: here.userId });
});

// Risk: who stole a cookie signs the owner out again and again, for as long as it is fresh.
test('a session that ended signs nobody out', async () => {
  const phone = newPhone();
  const stolen = await app.signIn(phone);
  await (await app.signIn(phone)).post('/api/session/revocation');
  const back = await app.signIn(phone);
  const answer = await stolen.post('/api/session/revocation');
  expect([answer.status, await answer.json()]).toMatchObject([401, { code: 'session_revoked' }]);
  expect((await sessionOf(back)).user).not.toBeNull();
});

test('signing in again at the very instant of signing out everywhere works', async () => {
  const phone = newPhone();
  for (let i = 0; i < 5; i++) {
    const browser = await app.signIn(phone);
    await browser.post('/api/session/revocation');
  }
  expect((await sessionOf(await app.signIn(phone))).user).not.toBeNull();
});

test('another site cannot sign anybody in, or out', async () => {
  const browser = await app.signIn(newPhone());
  for (const path of [
    '/api/auth/phone-number/send-otp',
    '/api/auth/phone-number/verify',
    '/api/auth/sign-out',
    '/api/session/revocation',
  ]) {
    const headers = { Origin: 'https://evil.example' };
    const answer = await browser.post(path, {}, headers);
    expect([answer.status, await answer.json()]).toMatchObject([403, { code: 'foreign_origin' }]);
  }
  expect((await sessionOf(browser)).user).not.toBeNull();
});

test('nothing else of better-auth answers', async () => {
  const browser = await app.signIn(newPhone());
  for (const [method, path] of [
    ['GET', '/api/auth/get-session'],
    ['GET', '/api/auth/list-sessions'],
    ['GET', '/api/auth/ok'],
    ['POST', '/api/auth/sign-up/email'],
    ['POST', '/api/auth/sign-in/phone-number'],
    ['POST', '/api/auth/update-user'],
    ['POST', '/api/auth/change-email'],
    ['POST', '/api/auth/phone-number/request-password-reset'],
  ] as const) {
    const answer = await browser.request(method, path, method === 'POST' ? {} : undefined);
    expect([answer.status, await answer.json()], path).toMatchObject([404, { code: 'not_found' }]);
  }
});

test('the demo’s helpers are there in demo mode only', async () => {
  const real = createApp(sql, { config: { demo: false } });
  const paths = [
    ['GET', '/api/demo/people'],
    ['POST', '/api/demo/code'],
    ['POST', '/api/demo/second-factor'],
  ] as const;
  for (const [method, path] of paths) {
    const body = path.endsWith('code') ? { phone: newPhone() } : undefined;
    const answer = await real.browser().request(method, path, body);
    expect([answer.status, await answer.json()]).toMatchObject([404, { code: 'not_found' }]);
  }
  const phone = newPhone();
  const browser = app.browser();
  await browser.post('/api/auth/phone-number/send-otp', { phoneNumber: phone });
  const shown = await browser.post('/api/demo/code', { phone });
  expect(await shown.json()).toEqual({ code: browser.lastCode(phone) });
  const people = (await (await browser.get('/api/demo/people')).json()) as { phone: string }[];
  expect(people.length).toBeGreaterThan(4);
  for (const person of people) await app.signIn(person.phone);
});

test('a database that is away is nothing broken, and says nothing', async () => {
  const browser = await app.signIn(newPhone());
  const away = database.connect();
  await away.end();
  const broken = createApp(away);
  const answer = await api.fetch(
    new Request('http://localhost:8787/api/session', {
      headers: { Cookie: `tongka.session_token=${browser.cookies.get('tongka.session_token')}` },
    }),
    broken.services,
  );
  expect([answer.status, await answer.json()]).toMatchObject([
    503,
    { code: 'database_unavailable' },
  ]);
  expect(answer.headers.get('Retry-After')).toBe('1');
});
