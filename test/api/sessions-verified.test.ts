// Risk: a cookie that was verified once counts for longer than it was signed for, or for another one, or fills the memory.
import { getCookieCache } from 'better-auth/cookies';
import { signJWT } from 'better-auth/crypto';
import { decodeJwt, SignJWT, UnsecuredJWT } from 'jose';
import { afterEach, expect, test, vi } from 'vitest';
import { readSignedCookie } from '../../api/sessions/signed-cookie.ts';
import { VerifiedCookies } from '../../api/sessions/verified-cookies.ts';
import { createApp, testSecret } from '../support/app.ts';
import { buildCity } from '../support/city.ts';
import { createDatabase } from '../support/database.ts';

const { connect } = await createDatabase();
const asked: string[] = [];
const sql = connect({ onStatement: (statement) => void asked.push(statement) });
const city = await buildCity(sql);
const { services, signInAs } = createApp(sql);

const today = `/api/outlets/${city.outlet.id}/redemptions`;
const aMinute = 60_000;
const actor = { userId: 'u', sessionAt: '2026-01-01T00:00:00.000Z', secondFactorAt: null };

afterEach(() => {
  vi.useRealTimers();
});

test('cookies count until the end they were signed with, then the session is looked up', async () => {
  const verified = vi.spyOn(services.cookies, 'keep');
  const till = await signInAs(city.operator.userId);
  const statementsOf = async () => {
    asked.length = 0;
    expect((await till.get(today)).status).toBe(200);
    return asked.filter((statement) => statement.includes('auth_session')).length;
  };
  expect([await statementsOf(), await statementsOf()]).toEqual([0, 0]);
  expect(verified).toHaveBeenCalledTimes(1);
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 4 * aMinute });
  expect(await statementsOf()).toBe(0);
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + aMinute });
  expect(await statementsOf()).toBeGreaterThan(0);
});

test('an altered cookie is not the one that was verified', async () => {
  const till = await signInAs(city.operator.userId);
  expect((await till.get(today)).status).toBe(200);
  for (const [name, value] of till.cookies) till.cookies.set(name, `${value.slice(0, -3)}AAA`);
  expect((await till.get(today)).status).toBe(401);
});

test('what ended is forgotten, and the oldest makes room', () => {
  const cookies = new VerifiedCookies();
  const until = Date.now() + aMinute;
  for (let i = 0; i < 5_001; i++) cookies.keep(`cookie ${i}`, actor, until);
  expect([cookies.find('cookie 0'), cookies.find('cookie 1')]).toEqual([null, actor]);
  vi.useFakeTimers({ toFake: ['Date'], now: until });
  expect(cookies.find('cookie 1')).toBeNull();
});

test('the signed cookie is read as better-auth reads it, and no other JWT is one', async () => {
  const till = await signInAs(city.operator.userId);
  const jwt = till.cookies.get('tongka.session_data') ?? '';
  const form = {
    cookiePrefix: 'tongka',
    isSecure: false,
    secret: testSecret,
    strategy: 'jwt',
  } as const;
  const theirs = async (value: string) => {
    const headers = new Headers({ Cookie: `tongka.session_data=${value}` });
    return (await getCookieCache(headers, form))?.session.userId ?? null;
  };
  const ours = (value: string) => readSignedCookie(testSecret, value)?.session.userId ?? null;
  expect([ours(jwt), await theirs(jwt)]).toEqual([till.userId, till.userId]);

  const [head = '', payload = '', mac = ''] = jwt.split('.');
  const said = decodeJwt<{ session: object }>(jwt);
  const key = new TextEncoder().encode(testSecret);
  const another = { ...said, session: { ...said.session, userId: 'another' } };
  const over = { ...said, session: { ...said.session, expiresAt: new Date(0).toISOString() } };
  const bytes = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const refused = {
    'another user': [head, bytes(another), mac].join('.'),
    'no mac': `${head}.${payload}.`,
    'a mac of nothing': `${head}.${payload}.${'A'.repeat(43)}`,
    'no algorithm': new UnsecuredJWT(said).encode(),
    'another secret': await signJWT(said, `${testSecret}!`, 300),
    'over by its own time': await signJWT(said, testSecret, -1),
    'a session that is over': await signJWT(over, testSecret, 300),
    'no session': await signJWT({ email: 'a@m.invalid' }, testSecret, 300),
    'four parts': `${jwt}.${mac}`,
    nothing: '',
  };
  for (const [name, value] of Object.entries(refused)) {
    expect(ours(value), name).toBeNull();
    expect(await theirs(value), name).toBeNull();
  }
  // Signed with our secret, but not as better-auth signs it: its row is asked.
  const longer = await new SignJWT(said).setProtectedHeader({ alg: 'HS512' }).sign(key);
  expect(ours(longer)).toBeNull();
});
