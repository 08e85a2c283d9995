import type { RunningServer } from './runtimes.ts';

/** What it takes to be called. */
export type Called = Pick<RunningServer, 'origin' | 'fetch' | 'lastCode'>;

export type Answer = {
  status: number;
  type: string;
  body: Record<string, unknown>;
};

type Init = RequestInit & { headers?: Record<string, string> };

/** One person's browser against a running server: keeps cookies, sends JSON from the server's own origin. */
export class Caller {
  readonly #server: Called;
  readonly #cookies = new Map<string, string>();

  constructor(server: Called) {
    this.#server = server;
  }

  get cookie(): string {
    return Array.from(this.#cookies, ([name, value]) => `${name}=${value}`).join('; ');
  }

  ask(method: string, path: string, body?: unknown): Promise<Answer> {
    return this.send(path, {
      method,
      headers: body === undefined ? {} : { 'Content-Type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
  }

  get(path: string): Promise<Response> {
    return this.#fetch(path, {});
  }

  /** Sends exactly this, so that it may also be wrong. */
  async send(path: string, init: Init): Promise<Answer> {
    const response = await this.#fetch(path, init);
    const type = response.headers.get('content-type') ?? '';
    const body = type.includes('json') ? await response.json() : { text: await response.text() };
    return { status: response.status, type, body: body as Record<string, unknown> };
  }

  async #fetch(path: string, init: Init): Promise<Response> {
    const headers = { Origin: this.#server.origin, Cookie: this.cookie, ...init.headers };
    const response = await this.#server.fetch(path, { ...init, headers });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '') this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
    return response;
  }

  /** Signs in with a code that was really sent. */
  async signIn(phoneNumber: string): Promise<void> {
    await this.ask('POST', '/api/auth/phone-number/send-otp', { phoneNumber });
    const code = this.#server.lastCode(phoneNumber);
    const { status } = await this.ask('POST', '/api/auth/phone-number/verify', {
      phoneNumber,
      code,
    });
    if (status !== 200) throw new Error(`${phoneNumber} could not sign in: ${status}`);
  }
}
