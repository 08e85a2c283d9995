import { deepEqual } from 'node:assert/strict';
import type { Sql } from '../../../db/client.ts';
import type { Share } from '../../../db/schema/benefits.ts';
import { type City, idIn, type Member, type Operator, type Outlet } from '../city.ts';
import { setClock } from '../clock.ts';
import { bodyOf, type Entry, link } from '../device-phone.ts';
import { uploadBySql } from '../offline.ts';
import { type History, limit, type PoolName, priceFen, quantityMax, type Step } from './history.ts';
import {
  type Ask,
  type Bearer,
  type Decision,
  type District,
  type Lease,
  Rules,
  type Scan,
} from './rules.ts';

type Shown = Extract<Step, { kind: 'redeem' }>['shown'][number];

/** A phone of the play: its row, what it wrote down, and the leases it was told of, by benefit. */
type Phone = {
  id: number;
  outlet: District;
  entries: { entry: Entry; scan: Scan }[];
  told: Map<number, number>;
};

const homes: District[] = ['home', 'home', 'host'];
const outlets: District[] = ['host', 'home', 'host'];
/** The last half second of a minute, so that no scan of it lies ahead. */
const start = Date.UTC(2026, 10, 18, 4, 0, 59, 500);
const caps: Record<PoolName, number> = { home: 2, host: 1, shared: 24 };
const minuteMs = 60_000;

/**
 * Plays a history twice, against the database and against the rules, and throws where they part. Everything but
 * the unions is its own.
 */
export async function play(sql: Sql, city: City, { policies, steps }: History): Promise<void> {
  const { root, home, host } = city.unions;
  const { userId: officer } = await city.addOfficer(root);
  const partner = await city.addPartner(host);
  const places = {
    home: await city.addOutlet(partner, home),
    host: await city.addOutlet(partner, host),
  };
  const operator = await city.addOperator(partner, Object.values(places));
  const members = await Promise.all(
    homes.map((at, cell) => city.addMember({ cell, enterprise: city.unions[`${at}Enterprise`] })),
  );
  const terms = policies.map(({ period, bearer, funding, admitted, topped: _, ...policy }) => ({
    ...{ limit, period, quantityMax, priceFen, funding, admitted },
    policy: { ...policy, hours: 1, variancePayer: bearer },
  }));
  const rules = new Rules(start, homes, outlets, terms);
  for (const [i, { topped }] of policies.entries()) rules.toppedUp.set(`${i}/home`, topped);
  const stage = new Stage({ sql, city, officer, partner, places, operator, members, rules });
  await stage.set();
  for (const step of steps) await stage.step(step);
  await stage.compare();
}

type Parts = {
  sql: Sql;
  city: City;
  officer: string;
  partner: number;
  places: Record<District, Outlet>;
  operator: Operator;
  members: Member[];
  rules: Rules;
};

class Stage {
  readonly #parts: Parts;
  readonly #sql: Sql;
  readonly #city: City;
  readonly #members: Member[];
  readonly #rules: Rules;
  readonly #ids: string[][];
  #benefits: number[] = [];
  #phones: Phone[] = [];
  /** The rows of the rules' leases, by their place. */
  readonly #leases: number[] = [];

  constructor(parts: Parts) {
    const { sql, city, members, rules } = parts;
    this.#parts = parts;
    this.#sql = sql;
    this.#city = city;
    this.#members = members;
    this.#rules = rules;
    this.#ids = members.map(({ cell }) => Array.from({ length: 6 }, () => idIn(cell)));
  }

  async set(): Promise<void> {
    const { home, host } = this.#city.unions;
    await this.#tick();
    for (const [i, { period, policy, funding, admitted }] of this.#rules.terms.entries()) {
      const pools = { [home]: caps.home, [host]: caps.host, shared: caps.shared };
      const benefit = await this.#city.addBenefit({
        limit: [limit, period],
        ...{ quantityMax, pools, price: priceFen },
        partners: [this.#parts.partner],
      });
      this.#benefits.push(benefit);
      await this.#sql`
        update allocation set union_id = district_id
        where benefit_id = ${benefit} and district_id is not null`;
      await this.#sql`
        update allocation set topped = ${this.#rules.toppedUp.get(`${i}/home`) ?? 0}
        where benefit_id = ${benefit} and district_id = ${home}`;
      await this.#sql`update benefit_partner set cap = ${admitted} where benefit_id = ${benefit}`;
      await this.#fund(i, funding);
      await this.#city.addPolicy(benefit, policy);
      for (const [pool, cap] of Object.entries(caps)) this.#rules.setCap(`${i}/${pool}`, cap);
    }
    for (const outlet of outlets) {
      const { id } = await this.#city.addDevice(this.#parts.places[outlet]);
      this.#phones.push({ id, outlet, entries: [], told: new Map() });
    }
    for (const device of outlets.keys()) await this.#renew(device);
  }

  async step(step: Step): Promise<void> {
    const rules = this.#rules;
    switch (step.kind) {
      case 'redeem':
        return this.#redeem(step.shown);
      case 'scan':
        for (const one of step.shown) await this.#scan(step.device, one, step.lease);
        return;
      case 'upload':
        return this.#upload(step.device, step.from, step.count);
      case 'reverse':
        return this.#reverse(step.use);
      case 'decide':
        return this.#decide(step.device, step.seq, step.decision);
      case 'cap':
        return this.#setCap(step.benefit, step.pool, step.cap);
      case 'pause':
      case 'resume': {
        const at = step.kind === 'pause' ? rules.now : null;
        rules.pausedAt[step.benefit] = at;
        await this.#sql`
          update benefit set paused_at = ${at === null ? null : new Date(at)},
            pause_reason = ${at === null ? null : 'model'}
          where id = ${this.#benefits[step.benefit] ?? 0}`;
        return;
      }
      case 'charge':
        return this.#charge(step.benefit, step.bearer);
      case 'fund':
        return this.#fund(step.benefit, step.funding);
      case 'move':
        return this.#move(step.member, step.to);
      case 'renew':
        return this.#renew(step.device);
      case 'giveBack':
        return this.#giveBack(step.device);
      case 'revoke':
        await this.#giveBack(step.device);
        rules.revoke(step.device);
        await this.#sql`
          update device set revoked_at = clock() where id = ${this.#phone(step.device).id}`;
        return;
      case 'wait':
        rules.now += step.minutes * minuteMs;
        return this.#tick();
    }
  }

  async #redeem(shown: Shown[]): Promise<void> {
    const asks = shown.map((one) => this.#ask(one, 'host'));
    const items = asks.map((ask) => this.#item(ask));
    const answers = await this.#sql<{ outcome: string }[]>`
      select outcome from redeem(${this.#sql.json(items)}) order by ord`;
    deepEqual(
      answers.map(({ outcome }) => outcome),
      asks.map((ask) => this.#rules.redeem(ask)),
    );
  }

  /** The phone writes it down; the server hears of it when it uploads. */
  async #scan(device: number, shown: Shown, whose: 'own' | 'foreign'): Promise<void> {
    const phone = this.#phone(device);
    const holder = whose === 'own' ? phone : this.#phone((device + 1) % this.#phones.length);
    const lease = holder.told.get(shown.benefit) ?? null;
    const scan: Scan = { ...this.#ask(shown, phone.outlet), lease };
    const body = bodyOf({
      id: scan.id,
      pass: `${scan.member}/${minuteOf(scan.at)}`,
      benefit: this.#benefits[scan.benefit] ?? 0,
      quantity: scan.quantity,
      lease: this.#leases[lease ?? -1] ?? 0,
      scannedAt: new Date(scan.at).toISOString(),
      clockOffsetMs: 0,
      listAt: null,
      user: this.#parts.operator.userId,
    });
    const entry = await link(phone.entries.at(-1)?.entry, body);
    phone.entries.push({ entry, scan });
  }

  async #upload(device: number, from: number, count: number): Promise<void> {
    const phone = this.#phone(device);
    const first = Math.max(0, (this.#rules.devices[device]?.judgedSeq ?? 0) + from - 1);
    const sent = phone.entries.slice(first, first + count);
    const judged = this.#rules.upload(
      device,
      new Map(sent.map(({ entry, scan }) => [entry.seq, scan])),
    );
    const verdicts = await uploadBySql(
      this.#sql,
      phone.id,
      sent.map(({ entry }) => entry),
      (seq) => this.#offlineItem(phone, seq),
    );
    deepEqual(
      verdicts,
      judged.map((seq) => ({ seq, ...this.#verdict(device, seq) })),
    );
  }

  async #reverse(nth: number): Promise<void> {
    const use = this.#rules.uses[nth % Math.max(1, this.#rules.uses.length)];
    if (!use) return;
    const request = {
      id: idIn(this.#members[use.member]?.cell ?? 0),
      redemptionId: use.id,
      ...this.#officer(),
    };
    const [answer] = await this.#sql<{ outcome: string }[]>`
      select reverse_redemption(${this.#sql.json(request)}) ->> 'outcome' as outcome`;
    deepEqual(answer?.outcome, this.#rules.reverse(use));
  }

  async #decide(device: number, nth: number, decision: Decision): Promise<void> {
    const phone = this.#phone(device);
    const kept = [...(this.#rules.devices[device]?.kept.keys() ?? [])];
    const seq = kept[nth % Math.max(1, kept.length)];
    if (seq === undefined) return;
    const request = {
      ...{ device: phone.id, seq, hash: phone.entries[seq - 1]?.entry.hash ?? '', decision },
      ...this.#officer(),
      item: this.#offlineItem(phone, seq),
    };
    const [answer] = await this.#sql<{ outcome: string }[]>`
      select decide_offline_item(${this.#sql.json(request)}) ->> 'outcome' as outcome`;
    deepEqual(answer?.outcome, this.#rules.decide(device, seq, decision));
  }

  async #setCap(benefit: number, pool: PoolName, cap: number): Promise<void> {
    const district = pool === 'shared' ? null : this.#city.unions[pool];
    await this.#takeBack();
    const isSet = await this.#sql`
      update allocation set cap = ${cap} where benefit_id = ${this.#benefits[benefit] ?? 0}
      and district_id is not distinct from ${district}::int`.then(
      () => true,
      () => false,
    );
    deepEqual(isSet, this.#rules.setCap(`${benefit}/${pool}`, cap));
  }

  /** The policy names another one who bears what is too many from now on. */
  async #charge(benefit: number, bearer: Bearer): Promise<void> {
    const terms = this.#rules.terms[benefit];
    if (terms) terms.policy.variancePayer = bearer;
    await this.#sql`
      update offline_policy set variance_payer = ${bearer}
      where benefit_id = ${this.#benefits[benefit] ?? 0}`;
  }

  /** Another rule for what is used from now on. */
  async #fund(benefit: number, funding: Share[] | null): Promise<void> {
    const terms = this.#rules.terms[benefit];
    if (terms) terms.funding = funding;
    await this.#sql`
      update benefit set funding = ${funding === null ? null : this.#sql.json(funding)}
      where id = ${this.#benefits[benefit] ?? 0}`;
  }

  /** To another district's enterprise, from now on; nobody moves twice at one instant. */
  async #move(member: number, to: District): Promise<void> {
    const { cell = 0, id = 0 } = this.#members[member] ?? {};
    if (this.#rules.homes[member]?.at(-1)?.from === this.#rules.now) return;
    this.#rules.move(member, to);
    await this.#sql`
      update affiliation set ended_at = clock(), end_reason = 'transfer'
      where cell = ${cell} and member_id = ${id} and ended_at is null`;
    await this.#sql`
      insert into affiliation (cell, member_id, union_id, started_at)
      values (${cell}, ${id}, ${this.#city.unions[`${to}Enterprise`]}, clock())`;
  }

  async #renew(device: number): Promise<void> {
    const phone = this.#phone(device);
    const rows = await this.#sql<Row[]>`
      select lease, benefit, units, used, expires_at as "expiresAt" from renew_leases(${phone.id})
      order by benefit`;
    const held = this.#rules.renew(device).toSorted((a, b) => a.benefit - b.benefit);
    deepEqual(
      rows.map(({ lease: _, ...row }) => row),
      held.map(({ benefit, units, used, expiresAt }) => ({
        ...{ benefit: this.#benefits[benefit], units, used, expiresAt: new Date(expiresAt) },
      })),
    );
    for (const [i, lease] of held.entries()) this.#tell(phone, lease, rows[i]?.lease ?? 0);
  }

  #tell(phone: Phone, lease: Lease, row: number): void {
    const place = this.#rules.leases.indexOf(lease);
    this.#leases[place] = row;
    phone.told.set(lease.benefit, place);
  }

  async #giveBack(device: number): Promise<void> {
    await this.#sql`select return_leases(${this.#phone(device).id})`;
    this.#rules.giveBack(device);
  }

  /** Both end in the same state. */
  async compare(): Promise<void> {
    const sql = this.#sql;
    const rules = this.#rules;
    await this.#takeBack();
    type PoolRow = { pool: string; used: number; topped: number; leased: number };
    const pools = await sql<PoolRow[]>`
      select array_position(${this.#benefits}::int[], a.benefit_id) - 1 || '/' ||
        case a.district_id when ${this.#city.unions.home} then 'home'
          when ${this.#city.unions.host} then 'host' else 'shared' end as pool,
        used, topped_used as topped, leased
      from allocation a where benefit_id in ${sql(this.#benefits)} order by 1`;
    deepEqual(
      pools.map((row) => ({ ...row })),
      pools.map(({ pool }) => ({
        ...{ pool, used: rules.used(pool), topped: rules.usedOfTopUp(pool) },
        leased: rules.leased(pool),
      })),
    );
    const admissions = await sql<{ used: number }[]>`
      select used from benefit_partner where benefit_id in ${sql(this.#benefits)} order by benefit_id`;
    deepEqual(
      admissions.map(({ used }) => used),
      rules.terms.map((_, i) => rules.admittedUses(i)),
    );

    const leases = await sql<{ id: number; units: number; used: number }[]>`
      select id, units, used from lease where benefit_id in ${sql(this.#benefits)} order by id`;
    deepEqual(
      leases.map((row) => ({ ...row })),
      rules.leases
        .map(({ units, used }, i) => ({ id: this.#leases[i] ?? 0, units, used }))
        .sort((a, b) => a.id - b.id),
    );

    const uses = await sql`
      select id, device_id as device, lease_id as lease, variance, quantity,
        reversed_at is not null as "isReversed"
      from redemption where benefit_id in ${sql(this.#benefits)} order by id`;
    deepEqual(
      uses.map((row) => ({ ...row })),
      rules.uses
        .toSorted((a, b) => (a.id < b.id ? -1 : 1))
        .map(({ id, device, lease, variance, quantity, isReversed }) => ({
          id,
          device: device === null ? null : this.#phone(device).id,
          lease: lease === null ? null : this.#leases[lease],
          ...{ variance, quantity, isReversed },
        })),
    );

    const items = await sql`
      select array_position(${this.#phones.map(({ id }) => id)}::int[], device_id) - 1 as device,
        seq, verdict, reason
      from offline_item where device_id in ${sql(this.#phones.map(({ id }) => id))}
      order by device, seq`;
    deepEqual(
      items.map((row) => ({ ...row })),
      rules.devices.flatMap(({ kept }, device) =>
        [...kept.keys()]
          .sort((a, b) => a - b)
          .map((seq) => ({ device, seq, ...this.#verdict(device, seq) })),
      ),
    );

    const balances = await sql<{ whose: string; fen: number }[]>`
      select case a.union_id when ${this.#city.unions.root} then 'city'
        when ${this.#city.unions.home} then 'home' when ${this.#city.unions.host} then 'host'
        else case a.kind when 'members' then 'members' else 'partner' end end as whose,
        sum(case a.id when t.payee_id then t.amount_fen else -t.amount_fen end)::bigint as fen
      from redemption r
      join transfer t on t.cell = r.cell and t.redemption_id = r.id
      join account a on a.id in (t.payer_id, t.payee_id)
      where r.benefit_id in ${sql(this.#benefits)}
      group by 1`;
    deepEqual(
      Object.fromEntries(
        balances.filter(({ fen }) => fen !== 0).map((row) => [row.whose, row.fen]),
      ),
      Object.fromEntries([...rules.balances()].filter(([, fen]) => fen !== 0)),
    );
    deepEqual([...(await sql`select * from consistency()`)], []);
  }

  /** Somebody over everything, and why. */
  #officer() {
    const now = new Date(this.#rules.now).toISOString();
    return { reason: 'model', user: this.#parts.officer, sessionAt: now, secondFactorAt: now };
  }

  async #tick(): Promise<void> {
    await setClock(this.#sql, new Date(this.#rules.now).toISOString());
  }

  /** A lease that is due gives its units back with the next statement that needs them; here it does at once. */
  async #takeBack(): Promise<void> {
    await this.#sql`
      select return_due_leases(array_agg(id), clock()) from allocation
      where benefit_id in ${this.#sql(this.#benefits)}`;
  }

  #ask({ member, benefit, quantity, ago, second, id }: Shown, outlet: District): Ask {
    const minute = minuteOf(this.#rules.now) - ago;
    const fresh = idIn(this.#members[member]?.cell ?? 0);
    return {
      id: id === null ? fresh : (this.#ids[member]?.[id] ?? fresh),
      at: minute * minuteMs + second * 1000,
      ...{ member, benefit, quantity, outlet },
    };
  }

  #item({ id, member, benefit, quantity, at, outlet }: Ask) {
    const holder = this.#members[member];
    if (!holder) throw new RangeError('No such member.');
    return {
      ...this.#city.item(holder, this.#benefits[benefit] ?? 0, new Date(at)),
      ...{
        id,
        quantity,
        jti: minuteOf(at),
        user: this.#parts.operator.userId,
        outlet: this.#parts.places[outlet].id,
      },
    };
  }

  #offlineItem({ id, entries }: Phone, seq: number) {
    const scan = entries[seq - 1]?.scan;
    if (!scan) throw new RangeError('The phone never wrote that.');
    const lease = this.#leases[scan.lease ?? -1] ?? 0;
    const unasked = { scanValidUntil: null, sessionAt: null, listAt: null };
    return { ...this.#item(scan), ...unasked, device: id, lease };
  }

  #verdict(device: number, seq: number) {
    const { verdict = null, reason = null } = this.#rules.devices[device]?.judged.get(seq) ?? {};
    return { verdict, reason };
  }

  #phone(device: number): Phone {
    const phone = this.#phones[device];
    if (!phone) throw new RangeError('No such device.');
    return phone;
  }
}

type Row = { lease: number; benefit: number; units: number; used: number; expiresAt: Date };

const minuteOf = (at: number) => Math.floor(at / minuteMs);
