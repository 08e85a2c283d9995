import { finishCloses } from '../../api/settlements/finish-close.ts';
import { orm, type Sql } from '../../db/client.ts';
import type { Share } from '../../db/schema/benefits.ts';
import type { Browser } from './app.ts';
import type { Member } from './city.ts';
import { setClock } from './clock.ts';
import { type Console, openConsole, signInSomebody } from './console.ts';

export type Statement = {
  id: number;
  kind: 'partner' | 'pair';
  state: string;
  union: { id: number };
  other: { id: number } | null;
  partner: { id: number } | null;
  lines: number;
  redemptions: number;
  debitFen: number;
  creditFen: number;
};

/** The first day of the month `ago` months before this one, in Asia/Shanghai. */
export function monthAgo(ago: number): string {
  const now = new Date(Date.now() + 8 * 3_600_000);
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - ago, 1))
    .toISOString()
    .slice(0, 10);
}

/**
 * A city that settles: a benefit that the city and the headquarters' district bear by 1 : 2, and one that the home
 * district bears alone, both used at the chain that the host district contracted.
 */
export class Clearing {
  readonly desk: Console;
  readonly sql: Sql;
  readonly split: number;
  readonly own: number;
  /** Somebody else of the city's, for what takes another person. */
  readonly second: Browser;

  constructor(parts: Pick<Clearing, 'desk' | 'split' | 'own' | 'second'>) {
    this.desk = parts.desk;
    this.sql = parts.desk.sql;
    this.split = parts.split;
    this.own = parts.own;
    this.second = parts.second;
  }

  static async open(sql: Sql): Promise<Clearing> {
    const desk = await openConsole(sql);
    const { root, home } = desk.city.unions;
    const rule: Share[] = [
      { payer: 'city', parts: 1 },
      { payer: 'headquarters', parts: 2 },
    ];
    const split = await desk.city.addBenefit({ limit: [1000, 'total'], quantityMax: 5 });
    await sql`update benefit set funding = ${sql.json(rule)} where id = ${split}`;
    const own = await desk.city.addBenefit({
      limit: [1000, 'total'],
      quantityMax: 5,
      pools: { [home]: 1000 },
    });
    await sql`update allocation set union_id = ${home} where benefit_id = ${own}`;
    const second = await signInSomebody(desk.app);
    await sql`
      insert into officer (user_id, union_id, role) values (${second.userId}, ${root}, 'finance')`;
    await second.passSecondFactor();
    return new Clearing({ desk, split, own, second });
  }

  /** Uses at an instant of an earlier month, booked then. */
  async usedAt(at: string, uses: [benefit: number, quantity: number][], member?: Member) {
    await setClock(this.sql, at);
    const ids: string[] = [];
    for (const [benefit, quantity] of uses) {
      ids.push(await this.desk.redeem(benefit, quantity, { at, ...(member && { member }) }));
    }
    await setClock(this.sql, null);
    return ids;
  }

  /** Begun at the city's desk, finished as the chore does it. */
  async close(month: string): Promise<void> {
    const begun = await this.desk.at.city.post(`/api/periods/${month}/closing`);
    if (begun.status !== 202) throw new Error(await begun.text());
    await this.finish();
  }

  /** Closes the month that is not over yet, as if it were; the statement of this union's partner. */
  async closeRunning(union: number): Promise<Statement> {
    const month = monthAgo(0);
    await setClock(this.sql, `${monthAgo(-1).slice(0, 8)}02T04:00:00Z`);
    await this.sql`
      insert into period (month, state, closing_at) values (${month}, 'closing', clock())`;
    await this.finish();
    await setClock(this.sql, null);
    return this.statementOf(month, union, 'partner');
  }

  async finish(): Promise<void> {
    await finishCloses({ db: orm(this.sql) });
  }

  async statements(browser: Browser, query = ''): Promise<Statement[]> {
    const answer = await browser.get(`/api/statements${query}`);
    if (!answer.ok) throw new Error(await answer.text());
    return ((await answer.json()) as { statements: Statement[] }).statements;
  }

  /** The one statement of these two unions, or of this partner. */
  async statementOf(month: string, one: number, other: number | 'partner'): Promise<Statement> {
    const all = await this.statements(this.desk.at.city, `?month=${month}&limit=200`);
    const found = all.find(({ union, other: second, kind }) =>
      other === 'partner'
        ? kind === 'partner' && union.id === one
        : union.id === Math.min(one, other) && second?.id === Math.max(one, other),
    );
    if (!found) throw new Error('There is no such statement.');
    return found;
  }
}
