import type { Sql } from '../../db/client.ts';
import type { Browser } from './app.ts';
import { type City, idIn, type Member } from './city.ts';
import { type Console, openConsole, signInSomebody } from './console.ts';
import { type Counter, type Holder, openCounter, passOf } from './counter.ts';

export const roles = [
  'anonymous',
  'nobody',
  'member',
  'operator',
  'manager',
  'administrator',
  'other',
  'viewer',
  'city',
] as const;

/** `administrator` and `viewer` are of the member's district, `other` administers that of the outlet. */
export type Role = (typeof roles)[number];

/** What a route may be asked about. */
export type Ids = {
  union: number;
  pool: number;
  benefit: number;
  partner: number;
  operator: number;
  outlet: number;
  alert: number;
  redemption: string;
  pass: string;
  ticket: string;
};

/** Nothing has these. */
export const missing: Ids = {
  union: 2_000_000_000,
  pool: 2_000_000_000,
  benefit: 2_000_000_000,
  partner: 2_000_000_000,
  operator: 2_000_000_000,
  outlet: 2_000_000_000,
  alert: 2_000_000_000,
  redemption: idIn(1),
  pass: 'AAAA',
  ticket: 'AAAA',
};

/** A city with one person of each role and whatever is theirs, and another city that is none of their business. */
export class Desks {
  readonly sql: Sql;
  readonly counter: Counter;
  readonly console: Console;
  readonly elsewhere: Console;
  readonly holder: Holder;
  readonly browsers: Record<Role, Browser>;
  readonly #colleague: Browser;

  private constructor(
    parts: Pick<Desks, 'counter' | 'console' | 'elsewhere' | 'holder'>,
    nobody: Browser,
    colleague: Browser,
  ) {
    this.sql = parts.console.sql;
    this.counter = parts.counter;
    this.console = parts.console;
    this.elsewhere = parts.elsewhere;
    this.holder = parts.holder;
    this.#colleague = colleague;
    const { home, host, viewer, city } = parts.console.at;
    this.browsers = {
      anonymous: parts.counter.app.browser(),
      nobody,
      member: parts.holder.phone,
      operator: parts.counter.till,
      manager: parts.console.manager,
      administrator: home,
      other: host,
      viewer,
      city,
    };
  }

  static async open(sql: Sql): Promise<Desks> {
    const counter = await openCounter(sql);
    const console = await openConsole(sql, counter);
    const elsewhere = await openConsole(sql);
    const holder = await counter.addHolder();
    const { userId } = await counter.city.addOperator(counter.city.outlet.partner, [
      counter.city.outlet,
    ]);
    const colleague = await counter.app.signInAs(userId);
    const nobody = await signInSomebody(counter.app);
    return new Desks({ counter, console, elsewhere, holder }, nobody, colleague);
  }

  /** New things of theirs, with the card at work again if a role reported it lost. */
  async own(): Promise<Ids> {
    const { cell, id } = this.holder;
    await this.sql`
      update card set status = 'live', ended_at = null
      where cell = ${cell} and member_id = ${id} and status in ('lost', 'blocked')`;
    return this.#mint(this.counter.city, this.holder);
  }

  /** New things of the other city. */
  async foreign(): Promise<Ids> {
    const { city } = this.elsewhere;
    return this.#mint(city, await city.addMember());
  }

  /** What the member's phone shows now, and a ticket of the role's own where it can have one, else a colleague's. */
  async show(role: Role): Promise<Pick<Ids, 'pass' | 'ticket'>> {
    const pass = (await passOf(this.holder)).url;
    const own = await this.#scan(this.browsers[role], pass);
    return { pass, ticket: own ?? (await this.#scan(this.#colleague, pass)) ?? '' };
  }

  async #mint(city: City, member: Member): Promise<Ids> {
    const { home } = city.unions;
    const benefit = await city.addBenefit({
      union: home,
      limit: [1000, 'total'],
      quantityMax: 5,
      pools: { [home]: 100, shared: 100 },
    });
    const operator = await city.addOperator(city.outlet.partner, [city.outlet]);
    const redemption = await this.#redeem(city, member, benefit);
    const [alert] = await this.sql<{ id: number }[]>`
      insert into alert (kind, cell, redemption_id, union_id, raised_at)
      select 'not_me', cell, id, ${home}, clock() from redemption
      where id = ${await this.#redeem(city, member, benefit)}
      returning id`;
    return {
      union: home,
      pool: home,
      benefit,
      partner: city.outlet.partner,
      operator: operator.id,
      outlet: city.outlet.id,
      alert: alert?.id ?? 0,
      redemption,
      pass: missing.pass,
      ticket: missing.ticket,
    };
  }

  async #redeem(city: City, member: Member, benefit: number): Promise<string> {
    const [key] = await this.sql<{ kid: number }[]>`select max(kid) as kid from signing_key`;
    const item = { ...city.item(member, benefit), kid: key?.kid ?? 0 };
    const [answer] = await this.sql<{ outcome: string }[]>`
      select outcome from redeem(${this.sql.json([item])})`;
    if (answer?.outcome !== 'accepted') throw new Error(`redeem: ${answer?.outcome}`);
    return item.id;
  }

  async #scan(browser: Browser, pass: string): Promise<string | undefined> {
    const outlet = this.counter.city.outlet.id;
    const scanned = await browser.post('/api/scans', { pass, outlet });
    return scanned.ok ? ((await scanned.json()) as { ticket: string }).ticket : undefined;
  }
}

/** An id like this redemption's, for what a client makes beside it. */
export function idBeside(redemption: string): string {
  return idIn(Number.parseInt(redemption.slice(-2), 16) & 63);
}
