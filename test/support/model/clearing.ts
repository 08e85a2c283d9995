import { deepEqual } from 'node:assert/strict';
import fc from 'fast-check';
import { finishCloses } from '../../../api/settlements/finish-close.ts';
import { orm, type Sql } from '../../../db/client.ts';
import type { Share } from '../../../db/schema/benefits.ts';
import {
  buildCity,
  type City,
  type Device,
  idIn,
  type Member,
  type Operator,
  type Outlet,
} from '../city.ts';
import { moveClock, setClock } from '../clock.ts';
import { divide, divideBy } from './divide.ts';

const index = fc.nat(1000);

/** One thing that happens; whoever it is about is chosen by number among those there are. */
const step = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant('use' as const),
      ...{ member: index, benefit: index, outlet: index },
      quantity: fc.integer({ min: 1, max: 3 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('undo' as const), use: index }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('move' as const), member: index }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('top' as const),
      units: fc.integer({ min: 1, max: 4 }),
    }),
  },
  {
    weight: 10,
    arbitrary: fc.record({
      kind: fc.constant('late' as const),
      member: fc.nat(1),
      /** How many days ago; or on the day of one that came before. */
      days: fc.integer({ min: 1, max: 20 }),
      beside: fc.option(index),
      hour: fc.nat(20),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('rule' as const), benefit: index, rule: index }),
  },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('day' as const) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('month' as const) }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('close' as const) }) },
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('correct' as const),
      use: index,
      percent: fc.integer({ min: 0, max: 100 }),
    }),
  },
);

export const months = fc.array(step, { minLength: 30, maxLength: 50 });
export type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const begun = new Date('2026-03-10T04:00:00Z');
const priceFen = 3333;
const rules: (Share[] | null)[] = [
  null,
  [
    { payer: 'city', parts: 1 },
    { payer: 'headquarters', parts: 2 },
  ],
  [
    { payer: 'co_payment', amountFen: 500 },
    { payer: 'home', parts: 1 },
    { payer: 'host', parts: 2, capFen: 1000 },
  ],
  [
    { payer: 'enterprise', amountFen: 700 },
    { payer: 'city', parts: 3 },
    { payer: 'discount', parts: 1 },
  ],
];

/** The rule of what is also used without a network, once a day; one too many is the host district's. */
const lateRule: Share[] = [
  { payer: 'co_payment', amountFen: 500 },
  { payer: 'city', parts: 1 },
  { payer: 'headquarters', parts: 2 },
];

/** Who bears a leg: a union, or somebody whom no statement is about. */
type Bearer = number | 'nobody';
type Shares = Map<Bearer, number>;
type Use = {
  id: string;
  cell: number;
  month: string;
  partner: number;
  creditor: number;
  original: Shares;
  now: Shares;
  isUndone: boolean;
  late: Late | null;
};
/** Whose it was and when, and whether it was one too many. */
type Late = { member: number; at: number; isExtra: boolean };
type Booking = {
  month: string;
  partner: number;
  debtor: number;
  creditor: number;
  fen: number;
  /** The use, where the line is one of those that say that it was used. */
  use: string | null;
};

/** Plays it against the database and by hand, and throws where sums part or what was closed changes. */
export async function settle(sql: Sql, steps: readonly Step[]): Promise<void> {
  const city = await buildCity(sql);
  const ledger = new Ledger(sql, city);
  await ledger.set();
  for (const one of steps) await ledger.step(one);
  await ledger.compare();
}

class Ledger {
  readonly sql: Sql;
  readonly city: City;
  readonly uses: Use[] = [];
  readonly bookings: Booking[] = [];
  readonly closed = new Map<string, unknown>();
  members: (Member & { at: number })[] = [];
  outlets: (Outlet & { operator: Operator; contractor: number })[] = [];
  benefits: { id: number; rule: Share[] | null }[] = [];
  officer = '';
  late = 0;
  device: Device = { id: 0, outlet: 0 };
  steps = 0;

  constructor(sql: Sql, city: City) {
    this.sql = sql;
    this.city = city;
  }

  async set(): Promise<void> {
    const { root, home, host, homeEnterprise, hostEnterprise } = this.city.unions;
    await setClock(this.sql, begun.toISOString());
    this.officer = (await this.city.addOfficer(root)).userId;
    for (const [cell, at] of [homeEnterprise, homeEnterprise, hostEnterprise].entries()) {
      this.members.push({ ...(await this.city.addMember({ cell, enterprise: at })), at });
    }
    const partners: number[] = [];
    for (const contractor of [home, host]) {
      const partner = await this.city.addPartner(contractor);
      partners.push(partner);
      const places = [
        await this.city.addOutlet(partner, home),
        await this.city.addOutlet(partner, host),
      ];
      const operator = await this.city.addOperator(partner, places);
      this.outlets.push(...places.map((place) => ({ ...place, operator, contractor })));
    }
    for (const rule of rules) {
      const benefit = await this.city.addBenefit({
        price: priceFen,
        limit: [10_000, 'total'],
        ...{ quantityMax: 3, partners, pools: { [home]: 6, shared: 10_000 } },
      });
      this.benefits.push({ id: benefit, rule });
      await this.#fund(benefit, rule);
      await this.sql`
        update allocation set union_id = ${home} where benefit_id = ${benefit} and district_id = ${home}`;
    }
    this.late = await this.city.addBenefit({ price: priceFen, limit: [1, 'day'], partners });
    await this.#fund(this.late, lateRule);
    await this.city.addPolicy(this.late, { variancePayer: 'district' });
    this.device = await this.city.addDevice(pick(this.outlets, 0));
  }

  async #fund(benefit: number, rule: Share[] | null): Promise<void> {
    await this.sql`
      update benefit set funding = ${rule === null ? null : this.sql.json(rule)} where id = ${benefit}`;
  }

  async step(one: Step): Promise<void> {
    await moveClock(this.sql, '1 minute');
    this.steps += 1;
    if (one.kind === 'use') return this.#use(one);
    if (one.kind === 'late') return this.#late(one);
    if (one.kind === 'rule') return this.#changeRule(one.benefit, one.rule);
    if (one.kind === 'undo') return this.#undo(one.use);
    if (one.kind === 'move') return this.#move(one.member);
    if (one.kind === 'close') return this.#close();
    if (one.kind === 'correct') return this.#correct(one.use, one.percent);
    if (one.kind === 'top')
      await this.sql`
        update allocation set cap = cap + ${one.units}, topped = topped + ${one.units}
        where district_id is not null`;
    else await moveClock(this.sql, `1 ${one.kind}`);
  }

  /** Where the units came from is the database's to choose; who bears them then is worked out here. */
  async #use({ member, benefit, outlet, quantity }: Extract<Step, { kind: 'use' }>): Promise<void> {
    const who = pick(this.members, member);
    const where = pick(this.outlets, outlet);
    const { id: benefitId, rule } = pick(this.benefits, benefit);
    const at = await this.#now();
    const item = {
      ...this.city.item(who, benefitId, at),
      ...{ outlet: where.id, user: where.operator.userId, quantity },
    };
    const [answer] = await this.sql<{ outcome: string }[]>`
      select outcome from redeem(${this.sql.json([item])})`;
    deepEqual(answer?.outcome, 'accepted');
    const [pool] = await this.sql<{ owner: number; district: number | null; isTopped: boolean }[]>`
      select a.union_id as owner, a.district_id as district, r.is_topped as "isTopped"
      from redemption r join allocation a on a.id = r.allocation_id where r.id = ${item.id}`;
    if (!pool) throw new Error('An accepted redemption is not there.');
    const original = this.#sharesOf(rule, quantity, who.at, where, pool);
    const use: Use = {
      ...{ id: item.id, cell: who.cell, month: monthOf(at), partner: where.partner },
      ...{
        creditor: where.contractor,
        original,
        now: new Map(original),
        isUndone: false,
        late: null,
      },
    };
    this.uses.push(use);
    this.#charge(at, use, original);
  }

  /** From here on; what was used before stays as it was split. */
  async #changeRule(which: number, rule: number): Promise<void> {
    const benefit = pick(this.benefits, which);
    benefit.rule = pick(rules, rule);
    await this.#fund(benefit.id, benefit.rule);
  }

  /** A scan of days ago arrives, perhaps of a month that is closed: it is booked today, and judged beside the others. */
  async #late(step: Extract<Step, { kind: 'late' }>): Promise<void> {
    const now = await this.#now();
    const others = this.uses.flatMap(({ late }) => late ?? []);
    const other =
      step.beside === null || others.length === 0 ? undefined : pick(others, step.beside);
    const member = other?.member ?? step.member;
    const day = other === undefined ? dayOf(now.getTime()) - step.days : dayOf(other.at);
    // No two scans are of one minute.
    const at = new Date(day * dayMs - shanghaiMs + step.hour * 3_600_000);
    at.setUTCMinutes(this.steps);
    if (at < begun) return;
    const who = pick(this.members, member);
    const where = pick(this.outlets, 0);
    const late: Late = { member, at: at.getTime(), isExtra: false };
    const sameDay = this.uses.filter(
      (use) => !use.isUndone && use.late?.isExtra === false && isSameDay(use.late, late),
    );
    late.isExtra = sameDay.length > 0;
    const item = {
      ...this.city.offlineItem(who, this.late, this.device, null, at),
      ...{ user: where.operator.userId, cardLeft: 9 },
    };
    const [answer] = await this.sql<{ outcome: string }[]>`
      select outcome from redeem(${this.sql.json([item])})`;
    deepEqual(answer?.outcome, late.isExtra ? 'limit_reached' : 'accepted');
    const original = this.#lateShares(late);
    const use: Use = {
      ...{ id: item.id, cell: who.cell, month: monthOf(now), partner: where.partner, late },
      ...{ creditor: where.contractor, original, now: new Map(original), isUndone: false },
    };
    this.uses.push(use);
    this.#charge(now, use, original);
    await this.sql`select settle_offline(array[${item.id}::uuid])`;
    this.#judge(now, late);
  }

  /** From that day on the earlier of a member's scans stand, but for what was booked in a month that is closed. */
  #judge(now: Date, { member, at }: Late): void {
    const mine = this.uses
      .flatMap((use) =>
        use.late?.member === member && !use.isUndone ? [{ use, late: use.late }] : [],
      )
      .filter(({ late }) => dayOf(late.at) >= dayOf(at))
      .sort((a, b) => a.late.at - b.late.at);
    const taken = new Set(
      mine
        .filter(({ use, late }) => this.closed.has(use.month) && !late.isExtra)
        .map(({ late }) => dayOf(late.at)),
    );
    for (const { use, late } of mine.filter(({ use }) => !this.closed.has(use.month))) {
      const isExtra = taken.has(dayOf(late.at));
      taken.add(dayOf(late.at));
      if (isExtra === late.isExtra) continue;
      late.isExtra = isExtra;
      for (const [bearer, fen] of use.now) this.#book(now, use, bearer, -fen);
      use.original = this.#lateShares(late);
      use.now = new Map(use.original);
      this.#charge(now, use, use.original);
    }
  }

  #lateShares({ isExtra }: Late): Shares {
    const where = pick(this.outlets, 0);
    if (isExtra) return new Map([[where.district, priceFen]]);
    const pool = { owner: this.city.unions.root, district: null, isTopped: false };
    return this.#sharesOf(lateRule, 1, 0, where, pool);
  }

  #charge(at: Date, use: Use, shares: Shares): void {
    for (const [bearer, fen] of shares) this.#book(at, use, bearer, fen, use.id);
  }

  #sharesOf(
    funding: Share[] | null,
    quantity: number,
    employer: number,
    where: { district: number; contractor: number },
    pool: { owner: number; district: number | null; isTopped: boolean },
  ): Shares {
    const shares: Shares = new Map();
    const add = (bearer: Bearer, fen: number) => {
      if (fen > 0) shares.set(bearer, (shares.get(bearer) ?? 0) + fen);
    };
    if (pool.isTopped || funding === null) {
      add(pool.isTopped ? (pool.district ?? 0) : pool.owner, priceFen * quantity);
      return shares;
    }
    const bearers: Record<Share['payer'], Bearer> = {
      owner: pool.owner,
      city: this.city.unions.root,
      home: pool.district ?? pool.owner,
      host: where.district,
      headquarters: where.contractor,
      enterprise: employer,
      discount: 'nobody',
      co_payment: 'nobody',
    };
    for (const [place, fen] of divide(funding, priceFen, quantity).entries())
      add(bearers[funding[place]?.payer ?? 'owner'], fen);
    return shares;
  }

  #book(
    at: Date,
    { partner, creditor }: Use,
    debtor: Bearer,
    fen: number,
    use: string | null = null,
  ): void {
    if (debtor !== 'nobody' && fen !== 0)
      this.bookings.push({ month: monthOf(at), partner, debtor, creditor, fen, use });
  }

  async #undo(which: number): Promise<void> {
    const use = this.uses.length > 0 ? pick(this.uses, which) : undefined;
    if (!use) return;
    const at = await this.#now();
    const [answer] = await this.sql<{ outcome: string }[]>`
      select reverse_redemption(${this.sql.json({
        ...{ id: idIn(use.cell), redemptionId: use.id, reason: '试一试', user: this.officer },
        ...{ sessionAt: at.toISOString(), secondFactorAt: at.toISOString() },
      })}) ->> 'outcome' as outcome`;
    const expected = use.isUndone
      ? 'already_reversed'
      : this.closed.has(use.month)
        ? 'period_closed'
        : 'reversed';
    deepEqual(answer?.outcome, expected);
    if (expected !== 'reversed') return;
    use.isUndone = true;
    for (const [bearer, fen] of use.now) this.#book(at, use, bearer, -fen);
    use.now = new Map();
  }

  /** To an employer in the other district, in the middle of everything. */
  async #move(which: number): Promise<void> {
    const who = pick(this.members, which);
    const { homeEnterprise, hostEnterprise } = this.city.unions;
    who.at = who.at === homeEnterprise ? hostEnterprise : homeEnterprise;
    await this.sql.begin(async (tx) => {
      await tx`
        update affiliation set ended_at = clock(), end_reason = '转会'
        where cell = ${who.cell} and member_id = ${who.id} and ended_at is null`;
      await tx`
        insert into affiliation (cell, member_id, union_id, started_at)
        values (${who.cell}, ${who.id}, ${who.at}, clock())`;
    });
  }

  /** The earliest month that is over and still open; what its statements say stays so for ever. */
  async #close(): Promise<void> {
    const today = monthOf(await this.#now());
    const open = [...new Set(this.bookings.map(({ month }) => month))]
      .filter((month) => month < today && !this.closed.has(month))
      .sort();
    const month = open[0];
    if (month === undefined) return;
    await this.sql`
      insert into period (month, state, closing_at) values (${month}, 'closing', clock())`;
    await finishCloses({ db: orm(this.sql) });
    deepEqual(await this.#statementsOf(month), this.#expected(month));
    this.closed.set(month, await this.#rowsOf(month));
  }

  /** What a dispute that was accepted brings about. */
  async #correct(which: number, percent: number): Promise<void> {
    const use = this.uses.length > 0 ? pick(this.uses, which) : undefined;
    if (!use || use.isUndone || !this.closed.has(use.month)) return;
    const at = await this.#now();
    const bearers = [...use.original.keys()];
    const weights = bearers.map((bearer) => use.original.get(bearer) ?? 0);
    const total = Math.floor((weights.reduce((sum, fen) => sum + fen, 0) * percent) / 100);
    await this
      .sql`select adjust_redemption(${use.cell}::smallint, ${use.id}::uuid, ${total}::bigint)`;
    for (const [place, fen] of divideBy(weights, total).entries()) {
      const bearer = bearers[place] ?? 'nobody';
      this.#book(at, use, bearer, fen - (use.now.get(bearer) ?? 0));
      use.now.set(bearer, fen);
    }
  }

  async compare(): Promise<void> {
    deepEqual(Array.from(await this.sql`select * from consistency()`), []);
    for (const [month, rows] of this.closed) {
      deepEqual(Array.from(await this.sql`select * from statement_findings(${month}::date)`), []);
      deepEqual(await this.#rowsOf(month), rows);
    }
    const [sum] = await this.sql<{ position: number }[]>`
      select coalesce(sum(side.position), 0)::int as position from statement s
        cross join lateral (values (s.union_id, s.credit_fen - s.debit_fen),
          (s.other_id, s.debit_fen - s.credit_fen)) side (union_id, position)
      where s.kind = 'pair'`;
    deepEqual(sum?.position, 0);
    const balances = await this.sql<{ debtor: number; creditor: number; fen: number }[]>`
      select l.union_id as debtor, l.creditor_id as creditor,
        sum(case when l.is_charge then l.amount_fen else -l.amount_fen end)::int as fen
      from payable_legs('-infinity', 'infinity') l group by 1, 2 order by 1, 2`;
    deepEqual(
      Array.from(balances).filter(({ fen }) => fen !== 0),
      totals(this.bookings, ({ debtor, creditor }) => [debtor, creditor]).map(
        ([debtor, creditor, fen]) => ({ debtor, creditor, fen }),
      ),
    );
  }

  /** By pair and by partner, what the model says of a month. */
  #expected(month: string) {
    const mine = this.bookings.filter((one) => one.month === month);
    const uses = new Map<string, number>();
    const told = new Set<string>();
    for (const { use, partner, debtor, creditor } of mine) {
      const pair = [debtor, creditor].toSorted((a, b) => a - b).join(' ');
      for (const paper of [`partner ${partner}`, ...(debtor === creditor ? [] : [pair])]) {
        if (use !== null && !told.has(`${paper} ${use}`))
          uses.set(paper, (uses.get(paper) ?? 0) + 1);
        told.add(`${paper} ${use ?? ''}`);
      }
    }
    return {
      uses: Object.fromEntries([...uses].sort()),
      pairs: totals(
        mine.filter(({ debtor, creditor }) => debtor !== creditor),
        ({ debtor, creditor }) => [debtor, creditor],
      ),
      partners: totals(mine, ({ partner }) => [partner]),
    };
  }

  async #statementsOf(month: string) {
    const rows = await this.sql<
      {
        union: number;
        other: number | null;
        partner: number | null;
        debit: number;
        credit: number;
        uses: number;
      }[]
    >`
      select union_id as union, other_id as other, partner_id as partner, debit_fen as debit,
        credit_fen as credit, redemptions as uses
      from statement where month = ${month}`;
    const pairs = rows.flatMap(({ union, other, debit, credit }) =>
      other === null
        ? []
        : [
            [union, other, debit],
            [other, union, credit],
          ],
    );
    const partners = rows.flatMap(({ partner, debit }) =>
      partner === null ? [] : [[partner, debit]],
    );
    const uses = rows
      .filter((row) => row.uses > 0)
      .map((row): [string, number] => [
        row.partner === null ? `${row.union} ${row.other ?? 0}` : `partner ${row.partner}`,
        row.uses,
      ]);
    return {
      uses: Object.fromEntries(uses.sort()),
      pairs: inOrder(pairs),
      partners: inOrder(partners),
    };
  }

  async #rowsOf(month: string): Promise<unknown> {
    return Array.from(await this.sql`select * from statement where month = ${month} order by id`);
  }

  async #now(): Promise<Date> {
    const [row] = await this.sql<{ at: Date }[]>`select clock() as at`;
    if (!row) throw new Error('There is no time.');
    return row.at;
  }
}

const dayMs = 86_400_000;
const shanghaiMs = 8 * 3_600_000;
const dayOf = (at: number): number => Math.floor((at + shanghaiMs) / dayMs);
const isSameDay = (a: Late, b: Late): boolean =>
  a.member === b.member && dayOf(a.at) === dayOf(b.at);

function pick<T>(list: readonly T[], which: number): T {
  const found = list[which % list.length];
  if (found === undefined) throw new RangeError('There is nothing to pick.');
  return found;
}

function monthOf(at: Date): string {
  return `${new Date(at.getTime() + 8 * 3_600_000).toISOString().slice(0, 7)}-01`;
}

/** Sums by key, those that are not zero, in order: the key's numbers, then the sum. */
function totals(bookings: Booking[], key: (one: Booking) => number[]): number[][] {
  const sums = new Map<string, number>();
  for (const one of bookings) {
    const name = key(one).join(' ');
    sums.set(name, (sums.get(name) ?? 0) + one.fen);
  }
  return inOrder(Array.from(sums, ([name, fen]) => [...name.split(' ').map(Number), fen]));
}

function inOrder(rows: number[][]): number[][] {
  return rows
    .filter((row) => row.at(-1) !== 0)
    .sort((a, b) => (a[0] ?? 0) - (b[0] ?? 0) || (a[1] ?? 0) - (b[1] ?? 0));
}
