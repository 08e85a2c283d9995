import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Problem } from '../../api/errors.ts';
import { phoneHash } from '../../api/members/personal-data.ts';
import { createApp, testSecret } from '../support/app.ts';
import { buildCity } from '../support/city.ts';
import { createDatabase } from '../support/database.ts';

const subscriber = '13912345678';
const name = '金丝雀';
const database = await createDatabase();
const { sql } = database;
const app = createApp(sql);
const said: string[] = [];

beforeEach(() => {
  for (const level of ['log', 'info', 'warn', 'error', 'debug'] as const)
    vi.spyOn(console, level).mockImplementation((...all) => void said.push(all.map(String).join()));
});
afterEach(() => vi.restoreAllMocks());

/** Every row of every table, as text. */
async function everything(): Promise<string> {
  const tables = await sql<{ name: string }[]>`
    select format('%I.%I', schemaname, tablename) as name from pg_tables
    where schemaname in ('public', 'drizzle')`;
  const rows = [];
  for (const table of tables) {
    rows.push(
      ...(await sql.unsafe<{ row: string }[]>(`select t::text as row from ${table.name} t`)),
    );
  }
  return rows.map(({ row }) => row).join('\n');
}

// Risk (I23): a dump, a log or an error tells who has which telephone, or how to sign in as him.
test('no phone number and no code stands in a table, a log, a cookie or an error', async () => {
  const city = await buildCity(sql);
  const member = await city.addMember({ name });
  const hash = await phoneHash(testSecret, `+86${subscriber}`);
  await sql`update member set phone_hash = ${hash}, user_id = null where id = ${member.id}`;
  const browser = app.browser('203.0.113.77');
  const bodies: string[] = [];
  const post = async (path: string, body: unknown) => {
    const answer = await browser.post(path, body);
    bodies.push(await answer.text(), JSON.stringify([...answer.headers]));
    return answer.status;
  };
  const phoneNumber = `+86 ${subscriber}`;
  const codes: string[] = [];
  const send = async () => {
    expect(await post('/api/auth/phone-number/send-otp', { phoneNumber })).toBe(200);
    codes.push(browser.lastCode(`+86${subscriber}`));
    return codes.at(-1) ?? '';
  };
  const code = await send();
  await post('/api/auth/phone-number/verify', { phoneNumber, code: `${code}0` });
  await post('/api/auth/phone-number/verify', { phoneNumber: `${phoneNumber}9`, code });
  expect(await post('/api/auth/phone-number/verify', { phoneNumber, code })).toBe(200);
  expect(await post('/api/auth/phone-number/verify', { phoneNumber, code })).toBe(400);
  // A code that was sent and is still good.
  await send();
  await browser.get(`/api/nowhere?phone=${subscriber}`);
  for (const [, cookie] of browser.cookies) {
    const [, payload = ''] = cookie.split('.');
    bodies.push(Buffer.from(payload, 'base64url').toString());
  }

  const stored = await everything();
  expect(stored).toContain(hash);
  expect(stored).toContain(name);
  const told = [...app.logged, ...said].join('\n');
  expect(told).toContain('/api/auth/phone-number/verify');
  for (const place of [stored.replaceAll(name, ''), told, bodies.join('\n')]) {
    for (const canary of [subscriber, subscriber.slice(3), name, '203.0.113.77'])
      expect(place.includes(canary), canary).toBe(false);
  }
  for (const one of codes) {
    expect(stored).not.toMatch(new RegExp(`(^|[^0-9a-f])${one}([^0-9a-f]|$)`, 'm'));
    expect(told).not.toContain(one);
  }
});

test('errors of sign-in keep to themselves what they were about', async () => {
  const broken = createApp(sql, {
    sms: {
      send: (phone, code) => Promise.reject(new Error(`gateway refused ${phone} ${code}`)),
    },
  });
  const unavailable = createApp(sql, {
    sms: { send: () => Promise.reject(new Problem('sms_unavailable')) },
  });
  const body = { phoneNumber: subscriber };
  const path = '/api/auth/phone-number/send-otp';
  const answers = [
    await broken.browser().post(path, body),
    await unavailable.browser().post(path, body),
  ];
  expect(answers.map((answer) => answer.status)).toEqual([500, 503]);
  const told = [
    ...(await Promise.all(answers.map((one) => one.text()))),
    ...broken.logged,
    ...said,
  ];
  expect(told.join('\n')).toContain('internal_error');
  expect(told.join('\n')).not.toContain(subscriber);
});
