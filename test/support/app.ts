import { randomInt } from 'node:crypto';
import { app } from '../../api/app.ts';
import type { Config } from '../../api/config.ts';
import type { Services } from '../../api/context.ts';
import { phoneHash } from '../../api/members/personal-data.ts';
import { lasting, services } from '../../api/services.ts';
import { DemoSms } from '../../api/sessions/sms-demo.ts';
import { writeLog } from '../../api/write-log.ts';
import type { Sql } from '../../db/client.ts';

/** Of no installation. */
export const testSecret = 'test-secret-01234567890123456789-abcdefghijklmnopqrstuvwxyz';

export type TestApp = {
  services: Services;
  /** Every line the app logged. */
  logged: string[];
  /** What goes on behind the answers. */
  working: Promise<unknown>[];
  /** A new browser without cookies. */
  browser: (address?: string) => Browser;
  /** A browser that signed in with this phone by a real code; with `secondFactor` also by an authenticator. */
  signIn: (phone: string, options?: SignInOptions) => Promise<Browser>;
  /** The same for a user who is there already, such as one of `City`: gives him (and his member) a phone first. */
  signInAs: (userId: string, options?: SignInOptions) => Promise<Browser>;
};

export type SignInOptions = { secondFactor?: boolean };

export type TestAppOptions = {
  /** Demo mode unless said otherwise: a file's tests sign in more often than the real limits allow. */
  config?: Partial<Config>;
  sms?: Services['sms'];
};

/** The whole API as one process on this pool; two of them on one database are two nodes. */
export function createApp(sql: Sql, options: TestAppOptions = {}): TestApp {
  const config: Config = {
    demo: true,
    databaseUrl: null,
    host: '127.0.0.1',
    port: 8787,
    origin: 'http://localhost:8787',
    secret: testSecret,
    sms: null,
    addressHeader: null,
    logLevel: 'debug',
    ...options.config,
  };
  const logged: string[] = [];
  const working: Promise<unknown>[] = [];
  const kept = lasting(
    config,
    writeLog(config.logLevel, (line) => logged.push(line)),
  );
  const sms = options.sms ?? new DemoSms();
  const all: Services = {
    ...services({ ...kept, sms }, sql, (work) => void working.push(work)),
    address: '192.0.2.1',
  };
  const browser = (address?: string) => new Browser({ ...all, ...(address && { address }) });
  const signIn: TestApp['signIn'] = async (phone, { secondFactor = false } = {}) => {
    const signedIn = browser();
    await signedIn.signIn(phone);
    if (secondFactor) await signedIn.passSecondFactor();
    return signedIn;
  };
  return {
    services: all,
    logged,
    working,
    browser,
    signIn,
    async signInAs(userId, signInOptions) {
      const phone = `+8616${String(randomInt(1e9)).padStart(9, '0')}`;
      const hash = await phoneHash(config.secret, phone);
      await sql`update auth_user set phone_number = ${hash} where id = ${userId}`;
      await sql`update member set phone_hash = ${hash} where user_id = ${userId}`;
      return signIn(phone, signInOptions);
    },
  };
}

/** One person's browser: keeps cookies, sends JSON from the app's own pages. */
export class Browser {
  readonly #services: Services;
  readonly cookies = new Map<string, string>();
  /** Set by signing in. */
  userId = '';

  constructor(all: Services) {
    this.#services = all;
  }

  async request(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    const { origin } = this.#services.config;
    const cookie = Array.from(this.cookies, ([name, value]) => `${name}=${value}`).join('; ');
    const request = new Request(new URL(path, origin), {
      method,
      headers: {
        Origin: origin,
        ...(cookie && { Cookie: cookie }),
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const response = await app.fetch(request, this.#services);
    for (const line of response.headers.getSetCookie()) this.#keep(line);
    return response;
  }

  /** Bare bytes, without a Content-Type. */
  async sendBytes(path: string, bytes: Uint8Array): Promise<Response> {
    const { origin } = this.#services.config;
    const cookie = Array.from(this.cookies, ([name, value]) => `${name}=${value}`).join('; ');
    const headers = { Origin: origin, Cookie: cookie, 'Content-Length': String(bytes.length) };
    const request = new Request(new URL(path, origin), {
      method: 'PUT',
      headers,
      body: new Uint8Array(bytes),
    });
    return app.fetch(request, this.#services);
  }

  get(path: string, headers?: Record<string, string>): Promise<Response> {
    return this.request('GET', path, undefined, headers);
  }

  post(path: string, body?: unknown, headers?: Record<string, string>): Promise<Response> {
    return this.request('POST', path, body, headers);
  }

  put(path: string, body?: unknown, headers?: Record<string, string>): Promise<Response> {
    return this.request('PUT', path, body, headers);
  }

  patch(path: string, body?: unknown, headers?: Record<string, string>): Promise<Response> {
    return this.request('PATCH', path, body, headers);
  }

  delete(path: string, body?: unknown, headers?: Record<string, string>): Promise<Response> {
    return this.request('DELETE', path, body, headers);
  }

  async signIn(phone: string): Promise<void> {
    await expectOk(this.post('/api/auth/phone-number/send-otp', { phoneNumber: phone }));
    const code = this.lastCode(phone);
    await expectOk(this.post('/api/auth/phone-number/verify', { phoneNumber: phone, code }));
    const answer = await expectOk(this.get('/api/session'));
    const { user } = (await answer.json()) as { user: { id: string } | null };
    this.userId = user?.id ?? '';
  }

  /** For who holds an office: makes an authenticator where there is none, and enters its code. Demo mode only. */
  async passSecondFactor(): Promise<void> {
    const enrolled = await this.post('/api/auth/two-factor/enable');
    if (!enrolled.ok && enrolled.status !== 409) throw new Error(await enrolled.text());
    const answer = await expectOk(this.post('/api/demo/second-factor'));
    const { code } = (await answer.json()) as { code: string };
    await expectOk(this.post('/api/auth/two-factor/verify-totp', { code }));
  }

  /** The code last sent to this phone (E.164). */
  lastCode(phone: string): string {
    const { sms } = this.#services;
    const code = sms instanceof DemoSms ? sms.lastCode(phone) : undefined;
    if (code === undefined) throw new Error(`No code went to ${phone}.`);
    return code;
  }

  #keep(line: string): void {
    const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
    if (value === '' || /;\s*max-age=0/i.test(line)) this.cookies.delete(name);
    else this.cookies.set(name, value);
  }
}

async function expectOk(answer: Promise<Response>): Promise<Response> {
  const response = await answer;
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  return response;
}
