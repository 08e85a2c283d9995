import { beforeEach, expect, test } from 'vitest';
import { phoneHash } from '../../api/members/personal-data.ts';
import { removeSecondFactor } from '../../api/sessions/remove-second-factor.ts';
import { totp } from '../../api/sessions/totp.ts';
import { type Browser, createApp, testSecret } from '../support/app.ts';
import { buildCity } from '../support/city.ts';
import { moveClock, setClock } from '../support/clock.ts';
import { createDatabase } from '../support/database.ts';

const database = await createDatabase();
const { sql } = database;
const app = createApp(sql);
const strict = createApp(sql, { config: { demo: false } });
const other = createApp(database.connect(), { config: { demo: false } });
const city = await buildCity(sql);

let officer: { userId: string };

beforeEach(async () => {
  officer = await city.addOfficer(city.unions.home);
  await setClock(sql, '2026-06-01T04:00:00Z');
});

async function enrol(browser: Browser): Promise<string> {
  const answer = await browser.post('/api/auth/two-factor/enable');
  const { totpURI } = (await answer.json()) as { totpURI: string };
  const uri = new URL(totpURI);
  expect([uri.protocol, uri.host]).toEqual(['otpauth:', 'totp']);
  return uri.searchParams.get('secret') ?? '';
}

const stepNow = async () => {
  const [row] = await sql<{ step: number }[]>`
    select floor(extract(epoch from clock()) / 30)::int as step`;
  return row?.step ?? 0;
};
const codeAt = async (secret: string, steps = 0) => totp(secret, (await stepNow()) + steps);

const give = (browser: Browser, code: string) =>
  browser.post('/api/auth/two-factor/verify-totp', { code });

async function problem(answer: Promise<Response>): Promise<[number, string]> {
  const response = await answer;
  const { code } = (await response.json()) as { code: string };
  return [response.status, code];
}

async function standing(browser: Browser): Promise<string> {
  const answer = await browser.get('/api/session');
  return ((await answer.json()) as { secondFactor: string }).secondFactor;
}

const mayAct = async (browser: Browser) => (await browser.get('/api/unions')).status;

// Risk: whoever steals an officer's telephone, or its number, changes quotas.
test('an office counts only in a session that passed its second factor', async () => {
  const first = await app.signInAs(officer.userId);
  expect(await standing(first)).toBe('enrolment_required');
  expect(await problem(first.get('/api/unions'))).toEqual([403, 'second_factor_required']);
  const secret = await enrol(first);
  expect(await mayAct(first)).toBe(403);
  expect((await give(first, await codeAt(secret))).status).toBe(200);
  expect(await standing(first)).toBe('passed');
  expect(await mayAct(first)).toBe(200);

  const second = await app.signInAs(officer.userId);
  expect(await standing(second)).toBe('required');
  expect(await mayAct(second)).toBe(403);
  await moveClock(sql, '30 seconds');
  expect((await give(second, await codeAt(secret))).status).toBe(200);
  expect(await mayAct(second)).toBe(200);
});

test('without its cached cookie the session is still raised', async () => {
  const browser = await app.signInAs(officer.userId, { secondFactor: true });
  browser.cookies.delete('tongka.session_data');
  expect(await mayAct(browser)).toBe(200);
});

// Risk: a code read over the shoulder is used a second time, or an older one after it.
test('a code counts once, and none before it', async () => {
  const here = await app.signInAs(officer.userId);
  const secret = await enrol(here);
  const there = await app.signInAs(officer.userId);
  const older = await codeAt(secret, -1);
  const code = await codeAt(secret);
  expect((await give(here, code)).status).toBe(200);
  expect(await problem(give(there, code))).toEqual([400, 'code_not_accepted']);
  expect(await problem(give(here, code))).toEqual([400, 'code_not_accepted']);
  expect(await problem(give(there, older))).toEqual([400, 'code_not_accepted']);
  expect(await mayAct(there)).toBe(403);
  expect((await give(there, await codeAt(secret, 1))).status).toBe(200);
});

test('of one code at two nodes at once one session is raised', async () => {
  const browsers = [await app.signInAs(officer.userId), await app.signInAs(officer.userId)];
  const [first] = browsers;
  if (!first) throw new Error('There is no browser.');
  const secret = await enrol(first);
  const code = await codeAt(secret);
  const elsewhere = other.browser();
  for (const [name, value] of browsers[1]?.cookies ?? []) elsewhere.cookies.set(name, value);
  const answers = await Promise.all([give(first, code), give(elsewhere, code)]);
  expect(answers.map((answer) => answer.status).sort()).toEqual([200, 400]);
});

test('codes of two steps ago and two ahead are refused', async () => {
  const browser = await app.signInAs(officer.userId);
  const secret = await enrol(browser);
  for (const steps of [-2, 2])
    expect(await problem(give(browser, await codeAt(secret, steps)))).toEqual([
      400,
      'code_not_accepted',
    ]);
  expect((await give(browser, await codeAt(secret, -1))).status).toBe(200);
});

// Risk: a million codes are tried.
test('five tries in five minutes, over all nodes and sessions', async () => {
  const browser = await strict.signInAs(officer.userId);
  const secret = await enrol(browser);
  const right = await codeAt(secret);
  const wrong = right === '000000' ? '000001' : '000000';
  const elsewhere = other.browser();
  for (const [name, value] of browser.cookies) elsewhere.cookies.set(name, value);
  const answers = await Promise.all(
    Array.from({ length: 60 }, (_, i) => give(i % 2 ? browser : elsewhere, wrong)),
  );
  const statuses = answers.map((answer) => answer.status);
  expect(statuses.filter((status) => status === 400).length).toBe(5);
  expect(statuses.filter((status) => status === 429).length).toBe(55);
  expect(await problem(give(browser, right))).toEqual([429, 'too_many_attempts']);
  await moveClock(sql, '5 minutes');
  expect((await give(browser, await codeAt(secret))).status).toBe(200);
});

test('codes of another form are refused before any try', async () => {
  const browser = await app.signInAs(officer.userId);
  const secret = await enrol(browser);
  for (const code of ['', '12345', '1234567', '１２３４５６', '12 345'])
    expect(await problem(give(browser, code))).toEqual([400, 'invalid_request']);
  expect((await give(browser, await codeAt(secret))).status).toBe(200);
});

// Risk: a stolen session brings an authenticator of its own.
test('a confirmed authenticator is not replaced, an unconfirmed one is', async () => {
  const browser = await app.signInAs(officer.userId);
  const abandoned = await enrol(browser);
  const secret = await enrol(browser);
  expect(await problem(give(browser, await codeAt(abandoned)))).toEqual([400, 'code_not_accepted']);
  expect((await give(browser, await codeAt(secret))).status).toBe(200);
  const stolen = await app.signInAs(officer.userId);
  for (const one of [browser, stolen])
    expect(await problem(one.post('/api/auth/two-factor/enable'))).toEqual([
      409,
      'second_factor_exists',
    ]);
  await moveClock(sql, '30 seconds');
  expect((await give(stolen, await codeAt(secret))).status).toBe(200);
});

// Risk: a lost phone locks an officer out for ever, or whoever found it stays in.
test('a lost authenticator is removed by command: signed out, then set up anew', async () => {
  const phone = '+8616912340001';
  const hash = await phoneHash(testSecret, phone);
  await sql`update auth_user set phone_number = ${hash} where id = ${officer.userId}`;
  const lost = await app.signIn(phone, { secondFactor: true });
  expect(await removeSecondFactor(app.services.db, hash)).toMatch(/^district/);
  expect(await mayAct(lost)).toBe(401);
  expect(
    await sql`select action, user_id from audit_entry where before->>'userId' = ${officer.userId}`,
  ).toEqual([{ action: 'second_factor.remove', user_id: 'command' }]);
  const again = await app.signIn(phone);
  expect(await standing(again)).toBe('enrolment_required');
  await again.passSecondFactor();
  expect(await mayAct(again)).toBe(200);
  expect(await removeSecondFactor(app.services.db, 'nobody')).toBeNull();
});

test('who holds no office has no second factor, and nobody needs to sign in first for less', async () => {
  const member = await app.signInAs((await city.addMember()).userId);
  expect(await problem(member.post('/api/auth/two-factor/enable'))).toEqual([404, 'not_found']);
  expect(await problem(give(member, '123456'))).toEqual([400, 'code_not_accepted']);
  const nobody = app.browser();
  expect(await problem(nobody.post('/api/auth/two-factor/enable'))).toEqual([401, 'not_signed_in']);
  expect(await problem(give(nobody, '123456'))).toEqual([401, 'not_signed_in']);
});

test('signing out everywhere takes a raised session too', async () => {
  const browser = await app.signInAs(officer.userId, { secondFactor: true });
  const kept = app.browser();
  for (const [name, value] of browser.cookies) kept.cookies.set(name, value);
  await browser.post('/api/session/revocation');
  expect(await mayAct(kept)).toBe(401);
});

// RFC 6238, appendix B, of SHA-1 with six digits; the secret is ASCII 12345678901234567890.
test.each([
  [59, '287082'],
  [1_111_111_109, '081804'],
  [1_111_111_111, '050471'],
  [1_234_567_890, '005924'],
  [2_000_000_000, '279037'],
  [20_000_000_000, '353130'],
])('the code at second %d is %s', async (second, code) => {
  expect(await totp('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ', Math.floor(second / 30))).toBe(code);
});
