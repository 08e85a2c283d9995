import { beforeEach, expect, test } from 'vitest';
import { type Browser, createApp } from '../support/app.ts';
import { moveClock, setClock } from '../support/clock.ts';
import { createDatabase } from '../support/database.ts';

const database = await createDatabase();
const { sql } = database;
const app = createApp(sql);
const strict = createApp(sql, { config: { demo: false } });

let serial = 0;
let phone = '';
let browser: Browser;

beforeEach(async () => {
  phone = `+86169000${String((serial += 1)).padStart(5, '0')}`;
  browser = app.browser();
  await setClock(sql, '2026-06-01T04:00:00Z');
});

async function send(written = phone): Promise<string> {
  const answer = await browser.post('/api/auth/phone-number/send-otp', { phoneNumber: written });
  expect(answer.status, await answer.clone().text()).toBe(200);
  return browser.lastCode(phone);
}

const verify = (code: unknown, phoneNumber: unknown = phone) =>
  browser.post('/api/auth/phone-number/verify', { phoneNumber, code });

async function problem(answer: Promise<Response>): Promise<[number, string]> {
  const response = await answer;
  const { code } = (await response.json()) as { code: string };
  return [response.status, code];
}

function wrong(code: string): string {
  return code === '000000' ? '000001' : '000000';
}

const isSignedIn = async () => {
  const answer = await browser.get('/api/session');
  return ((await answer.json()) as { user: unknown }).user !== null;
};

// Risk: the same person as two users, or a number of another country that costs money.
test.each(['{}', '+86{}', '0086{}', '86{}', '+86 {}', '0086-{}'])(
  'a mobile number may be written as %s',
  async (form) => {
    const subscriber = phone.slice(3);
    const spaced = subscriber.replace(/^(...)(....)/, '$1 $2 ');
    const code = await send(form.replace('{}', spaced));
    expect((await verify(code, form.replace('{}', subscriber))).status).toBe(200);
    const [count] = await sql`select count(*)::int as users from auth_user`;
    await verify(await send(), phone);
    expect(await sql`select count(*)::int as users from auth_user`).toEqual([count]);
  },
);

test.each([
  '',
  '12800138000',
  '1380013800',
  '138001380001',
  '+1 202 555 0100',
  '+852 5123 4567',
  '010-6512-3456',
  '+8613800138000x',
  '１３８００１３８０００',
  '+86+8613800138000',
  "13800138000' or 1=1",
])('another number is refused: %s', async (phoneNumber) => {
  const answer = browser.post('/api/auth/phone-number/send-otp', { phoneNumber });
  expect(await problem(answer)).toEqual([400, 'phone_invalid']);
});

// Risk: a body that is not what the route takes reaches a judge that reads it its own way.
test('codes and bodies of another form are refused without using up a try', async () => {
  const code = await send();
  for (const other of [
    code.slice(0, 5),
    `${code}0`,
    ` ${code}`,
    `${code}\n`,
    code.replace(/\d/g, (digit) => String.fromCharCode(0xff10 + Number(digit))),
    Array.from({ length: 10 }, () => code),
    Number(code),
    { $ne: '' },
    null,
  ]) {
    expect(await problem(verify(other))).toEqual([400, 'invalid_request']);
  }
  expect(await problem(verify(code, [phone]))).toEqual([400, 'invalid_request']);
  const more = { phoneNumber: phone, code, disableSession: true };
  const answer = browser.post('/api/auth/phone-number/verify', more);
  expect(await problem(answer)).toEqual([400, 'invalid_request']);
  expect(await sql`select tries from one_time_code where used_at is null`).toEqual([{ tries: 0 }]);
  expect((await verify(code)).status).toBe(200);
});

test('a wrong code, and that of another phone, are refused', async () => {
  const code = await send();
  expect(await problem(verify(wrong(code)))).toEqual([400, 'code_not_accepted']);
  const mine = phone;
  phone = '+8616911111111';
  const other = await send();
  phone = mine;
  if (other !== code) expect(await problem(verify(other))).toEqual([400, 'code_not_accepted']);
  expect(await isSignedIn()).toBe(false);
  expect((await verify(code)).status).toBe(200);
  expect(await isSignedIn()).toBe(true);
});

test('a code signs in once', async () => {
  const code = await send();
  expect((await verify(code)).status).toBe(200);
  expect(await problem(verify(code))).toEqual([400, 'code_not_accepted']);
});

test('the fifth try may be right, the sixth may not', async () => {
  let code = await send();
  for (let i = 0; i < 4; i++) await verify(wrong(code));
  expect((await verify(code)).status).toBe(200);
  code = await send();
  for (let i = 0; i < 5; i++) await verify(wrong(code));
  expect(await problem(verify(code))).toEqual([400, 'code_not_accepted']);
});

test('a code lasts ten minutes', async () => {
  const code = await send();
  await moveClock(sql, '10 minutes');
  expect(await problem(verify(code))).toEqual([400, 'code_not_accepted']);
  await moveClock(sql, '-1 second');
  expect((await verify(code)).status).toBe(200);
});

test('a new code voids the one before', async () => {
  const first = await send();
  const second = await send();
  if (first !== second) expect(await problem(verify(first))).toEqual([400, 'code_not_accepted']);
  expect((await verify(second)).status).toBe(200);
});

test('no code was sent: the answer is that of a wrong one', async () => {
  expect(await problem(verify('123456'))).toEqual([400, 'code_not_accepted']);
});

// Risk: somebody else's telephone rings all night, at our cost.
test('a phone gets five codes in ten minutes and twenty a day', async () => {
  const sendFrom = (address: string) =>
    strict
      .browser(address)
      .post('/api/auth/phone-number/send-otp', { phoneNumber: phone })
      .then((answer) => answer);
  let sent = 0;
  for (let round = 0; round < 6; round++) {
    for (let i = 0; i < 6; i++) {
      const answer = await sendFrom(`192.0.2.${round * 10 + i}`);
      if (answer.ok) sent += 1;
      else {
        expect(answer.status).toBe(429);
        expect(Number(answer.headers.get('Retry-After'))).toBeGreaterThan(0);
      }
    }
    expect(sent).toBe(Math.min(20, (round + 1) * 5));
    await moveClock(sql, '10 minutes');
  }
  await moveClock(sql, '1 day');
  expect((await sendFrom('192.0.2.99')).status).toBe(200);
});

test('an address sends fifty codes in ten minutes, and an IPv6 network is one address', async () => {
  const statuses = new Map<number, number>();
  for (let i = 0; i < 52; i++) {
    const from = strict.browser(`2001:db8:0:1::${i.toString(16)}`);
    const phoneNumber = `+86168${String(i).padStart(8, '0')}`;
    const { status } = await from.post('/api/auth/phone-number/send-otp', { phoneNumber });
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
  }
  expect(statuses).toEqual(
    new Map([
      [200, 50],
      [429, 2],
    ]),
  );
  const elsewhere = strict.browser('2001:db8:0:2::1');
  const phoneNumber = '+8616800000052';
  const answer = await elsewhere.post('/api/auth/phone-number/send-otp', { phoneNumber });
  expect(answer.status).toBe(200);
});

// Risk: guesses spread over many phones.
test('an address tries two hundred codes in ten minutes', async () => {
  const from = strict.browser('203.0.113.7');
  let judged = 0;
  for (let i = 0; i < 205; i++) {
    const phoneNumber = `+86167${String(i).padStart(8, '0')}`;
    const body = { phoneNumber, code: '123456' };
    const { status } = await from.post('/api/auth/phone-number/verify', body);
    if (status === 400) judged += 1;
    else expect(status).toBe(429);
  }
  expect(judged).toBe(200);
});

// Risk: the sign-in page tells who is a member.
test('a stranger gets the same answers by the same statements', async () => {
  const counts: number[] = [];
  const counted = database.connect({ onStatement: () => counts.push(1) });
  const watched = createApp(counted);
  const known = await watched.signIn('+8616922222222');
  await known.post('/api/auth/sign-out');
  const answers = [];
  for (const phoneNumber of ['+8616922222222', '+8616933333333']) {
    counts.length = 0;
    const from = watched.browser();
    const sent = await from.post('/api/auth/phone-number/send-otp', { phoneNumber });
    const refused = await from.post('/api/auth/phone-number/verify', {
      phoneNumber,
      code: wrong(from.lastCode(phoneNumber)),
    });
    const { requestId, ...said } = (await refused.json()) as Record<string, unknown>;
    expect(requestId).toBeTypeOf('string');
    answers.push([sent.status, await sent.text(), refused.status, said, counts.length]);
  }
  expect(answers[1]).toEqual(answers[0]);
});

test('a stranger who proves a phone is nobody', async () => {
  const stranger = await app.signIn('+8616944444444');
  const answer = await stranger.get('/api/session');
  expect(await answer.json()).toMatchObject({ member: null, posts: [], offices: [] });
});
