import { randomInt } from 'node:crypto';
import type { Sql } from '../../db/client.ts';
import { createApp, type Browser, type TestApp } from './app.ts';
import { buildCity, type City, idIn, type Member } from './city.ts';

export type Office = 'city' | 'home' | 'host' | 'viewer';

export type RedeemOptions = { at?: string; name?: string; member?: Member };

/**
 * A city with people at its desks: an administrator of the city and of each of the two districts, a viewer of the home
 * district, and the manager of the chain; all signed in.
 */
export class Console {
  readonly app: TestApp;
  readonly city: City;
  readonly sql: Sql;
  readonly at: Record<Office, Browser>;
  readonly manager: Browser;

  constructor(parts: Pick<Console, 'app' | 'city' | 'sql' | 'at' | 'manager'>) {
    this.app = parts.app;
    this.city = parts.city;
    this.sql = parts.sql;
    this.at = parts.at;
    this.manager = parts.manager;
  }

  /** A benefit of which the home and the host district own an allocation each, and the city the shared pool. */
  async addCityBenefit(caps = { home: 10, host: 10, shared: 10 }): Promise<number> {
    const { root, home, host } = this.city.unions;
    const benefit = await this.city.addBenefit({
      quantityMax: 5,
      limit: [1000, 'total'],
      pools: { [home]: caps.home, [host]: caps.host, shared: caps.shared },
    });
    await this.sql`
      update allocation set union_id = coalesce(district_id, ${root}) where benefit_id = ${benefit}`;
    return benefit;
  }

  /** Redeems for a member, a new one of the home district if none is named, at the chain's host outlet; its id. */
  async redeem(benefit: number, quantity = 1, options: RedeemOptions = {}): Promise<string> {
    const { at = new Date().toISOString(), name = '李小明' } = options;
    const member = options.member ?? (await this.city.addMember({ name }));
    const item = {
      ...this.city.item(member, benefit, new Date(at)),
      scannedAt: at,
      quantity,
    };
    const [answer] = await this.sql<{ outcome: string }[]>`
      select outcome from redeem(${this.sql.json([item])})`;
    if (answer?.outcome !== 'accepted') throw new Error(`redeem: ${answer?.outcome}`);
    return item.id;
  }

  /** Undoes a redemption at the city's desk. */
  async undo(redemption: string): Promise<void> {
    const [use] = await this.sql<{ cell: number }[]>`
      select cell from redemption where id = ${redemption}`;
    const undoing = { id: idIn(use?.cell ?? 0), reason: '试一试' };
    const answer = await this.at.city.post(`/api/redemptions/${redemption}/reversal`, undoing);
    if (!answer.ok) throw new Error(await answer.text());
  }

  /** The audit entries of a subject, oldest first. */
  entries(subject: string, id: number | string) {
    return this.sql`
      select user_id, union_id, action, reason, before, after from audit_entry
      where subject = ${subject} and subject_id = ${String(id)} order by id`;
  }
}

/** In a city of its own, unless it is to stand beside a counter. */
export async function openConsole(
  sql: Sql,
  beside?: { app: TestApp; city: City },
): Promise<Console> {
  const { app, city } = beside ?? { app: createApp(sql), city: await buildCity(sql) };
  const { root, home, host } = city.unions;
  const officer = async (union: number, role: 'administrator' | 'viewer') => {
    const browser = await signInSomebody(app);
    await sql`
      insert into officer (user_id, union_id, role) values (${browser.userId}, ${union}, ${role})`;
    await browser.passSecondFactor();
    return browser;
  };
  const manager = await signInSomebody(app);
  await sql`
    insert into operator (user_id, partner_id, role)
    values (${manager.userId}, ${city.outlet.partner}, 'manager')`;
  const at = {
    city: await officer(root, 'administrator'),
    home: await officer(home, 'administrator'),
    host: await officer(host, 'administrator'),
    viewer: await officer(home, 'viewer'),
  };
  return new Console({ app, city, sql, at, manager });
}

/** A new person without any role. */
export function signInSomebody(app: TestApp): Promise<Browser> {
  return app.signIn(`+8613${String(randomInt(1e9)).padStart(9, '0')}`);
}
