// Risk: signing in leans on something only Node has, or a Worker's own clock, and one runtime lets in whom the other refuses.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { phoneHash } from '../../api/members/personal-data.ts';
import { stepAt, totp } from '../../api/sessions/totp.ts';
import { buildCity } from '../support/city.ts';
import { createDatabase } from '../support/database.ts';
import { type RunningServer, runtimes, startServer } from '../support/runtimes.ts';

const database = await createDatabase();
const { sql } = database;
const city = await buildCity(sql);
const phoneNumber = '+8616900000024';

describe.each(runtimes)('%s', (runtime) => {
  let server: RunningServer;
  let cookies: Map<string, string>;
  beforeAll(async () => {
    server = await startServer(runtime, database.url);
    const officer = await city.addOfficer(city.unions.home);
    const hash = await phoneHash(server.secret, phoneNumber);
    await sql`update auth_user set phone_number = ${hash} where id = ${officer.userId}`;
    cookies = new Map();
  });
  afterAll(() => server.stop());

  async function ask(method: string, path: string, body?: unknown): Promise<[number, unknown]> {
    const answer = await server.fetch(path, {
      method,
      headers: {
        Origin: server.origin,
        Cookie: Array.from(cookies, ([name, value]) => `${name}=${value}`).join('; '),
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    for (const line of answer.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '') cookies.delete(name);
      else cookies.set(name, value);
    }
    const said = (await answer.json()) as Record<string, unknown>;
    return [answer.status, said['code'] ?? said['secondFactor'] ?? said['totpURI'] ?? said];
  }

  test('code, second factor, a stale cookie, signing out everywhere', async () => {
    const verify = (code: unknown) =>
      ask('POST', '/api/auth/phone-number/verify', { phoneNumber, code });
    const give = (code: string) => ask('POST', '/api/auth/two-factor/verify-totp', { code });
    const standing = () => ask('GET', '/api/session');

    expect(await verify('123456')).toEqual([400, 'code_not_accepted']);
    expect(
      await ask('POST', '/api/auth/phone-number/send-otp', { phoneNumber: '+1 555 0100' }),
    ).toEqual([400, 'phone_invalid']);
    expect((await ask('POST', '/api/auth/phone-number/send-otp', { phoneNumber }))[0]).toBe(200);
    const code = server.lastCode(phoneNumber) ?? '';
    expect(await verify([code])).toEqual([400, 'invalid_request']);
    expect((await verify(code))[0]).toBe(200);
    expect(await verify(code)).toEqual([400, 'code_not_accepted']);
    expect(await standing()).toEqual([200, 'enrolment_required']);
    expect(await ask('GET', '/api/unions')).toEqual([403, 'second_factor_required']);

    const [, uri] = await ask('POST', '/api/auth/two-factor/enable');
    const secret = new URL(String(uri)).searchParams.get('secret') ?? '';
    const right = await totp(secret, stepAt(Date.now() / 1000));
    expect((await give(right))[0]).toBe(200);
    expect(await give(right)).toEqual([400, 'code_not_accepted']);
    expect(await standing()).toEqual([200, 'passed']);
    expect((await ask('GET', '/api/unions'))[0]).toBe(200);

    const data = Array.from(cookies.keys()).find((name) => name.endsWith('session_data')) ?? '';
    const fresh = cookies.get(data);
    cookies.delete(data);
    expect(await standing()).toEqual([200, 'passed']);
    expect(cookies.get(data)).toBeTypeOf('string');

    const stolen = new Map(cookies);
    expect((await ask('POST', '/api/session/revocation'))[0]).toBe(200);
    expect(cookies.size).toBe(0);
    cookies = new Map([...stolen, [data, fresh ?? '']]);
    expect(await standing()).toEqual([200, 'none']);
    expect(await ask('GET', '/api/unions')).toEqual([401, 'session_revoked']);
  });
});
