import { ensureKey } from '../../api/passes/rotate.ts';
import type { Scanned } from '../../api/scans/scan.ts';
import type { Sql } from '../../db/client.ts';
import { type Browser, createApp, type TestApp, type TestAppOptions } from './app.ts';
import { buildCity, type City, idIn, type Member, type MemberOptions } from './city.ts';

export type ShownPass = { from: string; expiresAt: string; url: string; code: string };

/** A pass is good ten seconds before its minute. */
const endOfMinuteMs = 9_000;

/** A counter with its operator at the till, and real keys: members walk up to it with their phones. */
export class Counter {
  readonly city: City;
  readonly app: TestApp;
  readonly till: Browser;

  constructor(city: City, app: TestApp, till: Browser) {
    this.city = city;
    this.app = app;
    this.till = till;
  }

  /** A member who has just put the card on a phone. */
  async addHolder(options?: MemberOptions): Promise<Holder> {
    const member = await this.city.addMember(options);
    const { cell, id } = member;
    await this.city.sql`delete from card where cell = ${cell} and member_id = ${id}`;
    const phone = await this.app.signInAs(member.userId);
    await expectStatus(phone.post('/api/me/card/enrolment', { phoneLabel: '红色手机' }), 201);
    const [row] = await this.city.sql<{ number: number }[]>`
      select number from card where cell = ${cell} and member_id = ${id}`;
    return { ...member, card: row?.number ?? 0, phone };
  }

  async scan(
    shown: { pass: string } | { code: string },
    outlet = this.city.outlet.id,
  ): Promise<Scanned> {
    return expectStatus<Scanned>(this.till.post('/api/scans', { ...shown, outlet }), 200);
  }

  /** Shows the present pass, scans it and redeems the benefit; the redemption's id and the answer. */
  async redeem(holder: Holder, benefit: number, quantity = 1) {
    const { ticket } = await this.scan({ pass: (await passOf(holder)).url });
    const id = idIn(holder.cell);
    const answer = await this.till.put(`/api/redemptions/${id}`, { ticket, benefit, quantity });
    return { id, ticket, answer };
  }
}

export type Holder = Member & { phone: Browser };

export async function openCounter(sql: Sql, options?: TestAppOptions): Promise<Counter> {
  const city = await buildCity(sql);
  await sql`delete from signing_key`;
  const app = createApp(sql, options);
  await ensureKey(app.services);
  return new Counter(city, app, await app.signInAs(city.operator.userId));
}

/** The pass that the holder's phone shows: at the end of a minute already the next one, as the screen does. */
export async function passOf({ phone }: { phone: Pick<Browser, 'get'> }): Promise<ShownPass> {
  return shownOf(await expectStatus<Booklet>(phone.get('/api/me/passes'), 200));
}

export type Booklet = { passes: ShownPass[]; serverTime: string };

export function shownOf({ passes, serverTime }: Booklet): ShownPass {
  const shown = passes.find(
    ({ expiresAt }) => Date.parse(expiresAt) - Date.parse(serverTime) > endOfMinuteMs,
  );
  if (!shown) throw new Error('The booklet is empty.');
  return shown;
}

export async function expectStatus<Body>(answer: Promise<Response>, status: number): Promise<Body> {
  const response = await answer;
  if (response.status !== status) throw new Error(`${response.status} ${await response.text()}`);
  return (await response.json()) as Body;
}

/** The stable code and the facts of a problem. */
export async function problemOf(
  answer: Promise<Response>,
): Promise<{ status: number; code: string } & Record<string, unknown>> {
  const response = await answer;
  const body = (await response.json()) as { code: string; status: number };
  return { ...body, status: response.status };
}
