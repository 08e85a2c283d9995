import { expect } from 'vitest';
import { phoneHash } from '../../api/members/personal-data.ts';
import { ensureKey } from '../../api/passes/rotate.ts';
import { stepAt, totp } from '../../api/sessions/totp.ts';
import type { OfficeRole } from '../../db/schema/roles.ts';
import { type Answer, Caller } from './caller.ts';
import type { City, Member } from './city.ts';
import { type RunningServer, type Runtime, runtimes, startServer } from './runtimes.ts';

type Holder = { member: Member; phone: Caller };

/** The product on one runtime, people signed in to it, and what the other runtime answered (`answers`, by name). */
export class Contract {
  readonly server: RunningServer;
  readonly #city: City;
  readonly #answers: Map<string, unknown>;
  #phone: number;

  private constructor(
    server: RunningServer,
    city: City,
    answers: Map<string, unknown>,
    phone: number,
  ) {
    this.server = server;
    this.#city = city;
    this.#answers = answers;
    this.#phone = phone;
  }

  static async start(
    runtime: Runtime,
    databaseUrl: string,
    city: City,
    answers: Map<string, unknown>,
  ): Promise<Contract> {
    const server = await startServer(runtime, databaseUrl);
    await city.sql`delete from signing_key`;
    await ensureKey({ sql: city.sql, config: server });
    return new Contract(server, city, answers, 16_900_000_100 + runtimes.indexOf(runtime) * 50);
  }

  async signInAs(userId: string): Promise<Caller> {
    const { sql } = this.#city;
    const phone = `+86${(this.#phone += 1)}`;
    const hash = await phoneHash(this.server.secret, phone);
    await sql`update auth_user set phone_number = ${hash} where id = ${userId}`;
    await sql`update member set phone_hash = ${hash} where user_id = ${userId}`;
    const caller = new Caller(this.server);
    await caller.signIn(phone);
    return caller;
  }

  /** Somebody of a union's office, with the second factor. */
  async signInOfficer(union: number, role?: OfficeRole): Promise<Caller> {
    const officer = await this.signInAs((await this.#city.addOfficer(union, role)).userId);
    const { body } = await officer.ask('POST', '/api/auth/two-factor/enable');
    const secret = new URL(String(body['totpURI'])).searchParams.get('secret') ?? '';
    const code = await totp(secret, stepAt(Date.now() / 1000));
    await officer.ask('POST', '/api/auth/two-factor/verify-totp', { code });
    return officer;
  }

  async addHolder(name: string): Promise<Holder> {
    const member = await this.#city.addMember({ name });
    await this.#city.sql`delete from card where cell = ${member.cell} and member_id = ${member.id}`;
    const phone = await this.signInAs(member.userId);
    await this.agree(
      `${name} enrols`,
      phone.ask('POST', '/api/me/card/enrolment', { phoneLabel: '手机' }),
    );
    return { member, phone };
  }

  /** Both answer alike but for what is made anew each time; the answer itself. */
  async agree(name: string, asked: Promise<Answer>): Promise<Answer> {
    const answer = await asked;
    const plain = withoutNews(answer);
    if (this.#answers.has(name)) expect(plain, name).toEqual(this.#answers.get(name));
    else this.#answers.set(name, plain);
    return answer;
  }
}

/** Without tokens, ids, days, instants and names that each run makes anew. */
function withoutNews({ status, type, body }: Answer): unknown {
  const text = JSON.stringify(body)
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}/g, 'id')
    .replace(/\d{4}-\d\d-\d\d(T[\d:.]+Z| [\d:]{5,8})?/g, 'instant')
    .replace(
      /"(ticket|next|receipt|hash|x|y|commitment|listHash|secret|seed|pseudonym)":"[^"]+"/g,
      '"$1":"…"',
    )
    .replace(/"code":"[0-9A-F]{4}"/g, '"code":"…"')
    .replace(/"(id|cell|benefit|prize|session|sharedWith|proposal)":\d+/g, '"$1":0');
  return { status, type, body: JSON.parse(text) as unknown };
}
