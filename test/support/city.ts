import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import { uuidv7obj } from 'uuidv7';
import type { Sql } from '../../db/client.ts';
import type { Audience, ClaimKind } from '../../db/schema/benefits.ts';
import type { OfflineTerms } from '../../db/schema/leases.ts';
import type { DrawWeights } from '../../db/schema/claims.ts';
import { allowOffline } from './offline.ts';
import type { OfficeRole } from '../../db/schema/roles.ts';

export type Member = {
  cell: number;
  id: number;
  userId: string;
  name: string;
  card: number;
  phoneHash: string;
};
export type Operator = { id: number; userId: string };
export type Outlet = { id: number; partner: number; district: number };
export type Device = { id: number; outlet: number };
export type Lease = { id: number; units: number; used: number };
export type PolicyOptions = Partial<OfflineTerms>;
/** An allocation is named by its home district's id, or `shared`. */
export type Pool = number | 'shared';
export type Item = ReturnType<City['item']>;
export type OfflineItem = ReturnType<City['offlineItem']>;

export type MemberOptions = {
  cell?: number;
  enterprise?: number;
  name?: string;
  bornOn?: string;
  tags?: string[];
};

export type BenefitOptions = {
  union?: number;
  price?: number;
  startsAt?: string;
  endsAt?: string;
  weekdays?: number[];
  opensMinute?: number;
  closesMinute?: number;
  audience?: Audience;
  validDistricts?: number[] | null;
  quantityMax?: number;
  limit?: [count: number, period: 'day' | 'week' | 'month' | 'total'];
  partners?: number[];
  pools?: Partial<Record<Pool, number>>;
};

export type ClaimOptions = {
  kind?: ClaimKind;
  opensAt?: string;
  closesAt?: string;
  holdMinutes?: number | null;
  cancelMinutes?: number;
  hasWaitList?: boolean;
  answerMinutes?: number;
  needsApproval?: boolean;
  doorMinutes?: number;
  walkIns?: boolean;
  weights?: [lateCancel: number, noShow: number];
};

export type SessionOptions = {
  cap?: number;
  startsAt?: string | null;
  hours?: number;
  outlet?: number | null;
  price?: number | null;
};

/** No test runs out of it by chance. */
const richFen = 10_000_000_000_000;

/**
 * A tiny city of a suite's own: two districts with an enterprise each, and a cinema chain with an outlet in both, where
 * one operator stands. Everything else is minted as the test needs it.
 */
export async function buildCity(sql: Sql): Promise<City> {
  const union = async (kind: string, level: number, parent: number | null, code: string | null) => {
    const name = `${kind} ${randomInt(1e9)}`;
    const [row] = await sql<{ id: number }[]>`
      insert into trade_union (parent_id, kind, level, district_code, name_zh, name_en)
      values (${parent}, ${kind}, ${level}, ${code}, ${name}, ${name}) returning id`;
    return found(row).id;
  };
  const root = await union('city', 1, null, null);
  const home = await union('district', 2, root, String(randomInt(100000, 999999)));
  const host = await union('district', 2, root, String(randomInt(100000, 999999)));
  const homeEnterprise = await union('enterprise', 4, home, null);
  const hostEnterprise = await union('enterprise', 4, host, null);
  const mint = new Mint(sql);
  const chain = await mint.addPartner(host);
  const outlet = await mint.addOutlet(chain, host);
  const homeOutlet = await mint.addOutlet(chain, home);
  const operator = await mint.addOperator(chain, [outlet, homeOutlet]);
  const unions = { root, home, host, homeEnterprise, hostEnterprise };
  await sql`
    insert into budget (union_id, year, amount_fen)
    select u, y, ${richFen} from unnest(${Object.values(unions)}::int[]) u, generate_series(2020, 2100) y`;
  const kid = await mint.addKey();
  return new City(sql, { unions, kid, outlet, homeOutlet, operator });
}

class Mint {
  readonly sql: Sql;

  constructor(sql: Sql) {
    this.sql = sql;
  }

  async addUser(): Promise<string> {
    const id = randomUUID();
    await this.sql`
      insert into auth_user (id, name, email, sessions_valid_from)
      values (${id}, '', ${`${id}@m.invalid`}, '2020-01-01Z')`;
    return id;
  }

  /** A signing key as the database judges it; it signs nothing. */
  async addKey(): Promise<number> {
    const [row] = await this.sql<{ kid: number }[]>`
      insert into signing_key (kid, public_jwk, private_cipher, created_at, signs_from)
      select coalesce(max(kid), 0) + 1, '{}', '', '2020-01-01Z', '2020-01-01Z' from signing_key
      returning kid`;
    return found(row).kid;
  }

  async addPartner(district: number): Promise<number> {
    const [row] = await this.sql<{ id: number }[]>`
      insert into partner (union_id, kind, name_zh, name_en)
      values (${district}, 'cinema', '星河影城', 'Galaxy Cinemas') returning id`;
    return found(row).id;
  }

  async addOutlet(partner: number, district: number): Promise<Outlet> {
    const name = `影城 ${randomInt(1e6)}`;
    const [row] = await this.sql<{ id: number }[]>`
      insert into outlet (partner_id, district_id, name_zh, name_en, address_zh, address_en,
        latitude, longitude, hours)
      values (${partner}, ${district}, ${name}, ${name}, '路1号', '1 Road', 39.92, 116.44, '[]')
      returning id`;
    return { id: found(row).id, partner, district };
  }

  async addOperator(
    partner: number,
    outlets: Outlet[],
    role: 'operator' | 'manager' = 'operator',
  ): Promise<Operator> {
    const userId = await this.addUser();
    const ids = outlets.map((outlet) => outlet.id);
    const [row] = await this.sql<{ id: number }[]>`
      with o as (
        insert into operator (user_id, partner_id, role) values (${userId}, ${partner}, ${role})
        returning id
      ), posted as (
        insert into operator_outlet select o.id, outlet from o, unnest(${ids}::int[]) outlet
      )
      select id from o`;
    return { id: found(row).id, userId };
  }

  /** A user who runs a union: an administrator, unless told otherwise. */
  async addOfficer(union: number, role: OfficeRole = 'administrator') {
    const userId = await this.addUser();
    await this.sql`
      insert into officer (user_id, union_id, role) values (${userId}, ${union}, ${role})`;
    return { userId };
  }
}

type Parts = {
  unions: Record<'root' | 'home' | 'host' | 'homeEnterprise' | 'hostEnterprise', number>;
  kid: number;
  /** The chain's outlet in the host district, its one in the home district, and who stands there. */
  outlet: Outlet;
  homeOutlet: Outlet;
  operator: Operator;
};

export class City extends Mint {
  readonly unions: Parts['unions'];
  readonly kid: number;
  readonly outlet: Outlet;
  readonly homeOutlet: Outlet;
  readonly operator: Operator;

  constructor(sql: Sql, parts: Parts) {
    super(sql);
    this.unions = parts.unions;
    this.kid = parts.kid;
    this.outlet = parts.outlet;
    this.homeOutlet = parts.homeOutlet;
    this.operator = parts.operator;
  }

  /** A member of the home district's enterprise, with a live card, unless told otherwise. */
  async addMember(options: MemberOptions = {}): Promise<Member> {
    const { cell = randomInt(64), enterprise = this.unions.homeEnterprise } = options;
    const { name = '李小明', bornOn = '1990-06-15', tags = [] } = options;
    const id = randomInt(2 ** 46) * 64 + cell;
    const phoneHash = randomBytes(16).toString('hex');
    const [userId, card] = [randomUUID(), cardIn(cell)];
    await this.sql`
      with u as (
        insert into auth_user (id, name, email, sessions_valid_from)
        values (${userId}, '', ${`${userId}@m.invalid`}, '2020-01-01Z')
      ), m as (
        insert into member (cell, id, user_id, name, phone_hash, phone_cipher, born_on, tags)
        values (${cell}, ${id}, ${userId}, ${name}, ${phoneHash}, '', ${bornOn}, ${tags})
      ), a as (
        insert into affiliation (cell, member_id, union_id, started_at)
        values (${cell}, ${id}, ${enterprise}, '2020-01-01Z')
      )
      insert into card (cell, number, member_id, phone_hash, phone_label, enrolled_at)
      values (${cell}, ${card}, ${id}, ${phoneHash}, 'phone', '2020-01-01Z')`;
    return { cell, id, userId, name, card, phoneHash };
  }

  /** A benefit of the city's union for everybody, once a day at the chain, with a thousand shared places. */
  async addBenefit(options: BenefitOptions = {}): Promise<number> {
    const { union = this.unions.root, price = 4500, validDistricts = null } = options;
    const { startsAt = '2020-01-01T00:00:00Z', endsAt = '2099-01-01T00:00:00Z' } = options;
    const { weekdays = [1, 2, 3, 4, 5, 6, 7], opensMinute = 0, closesMinute = 1440 } = options;
    const { limit = [1, 'day'], quantityMax = 1, audience = {} } = options;
    const { partners = [this.outlet.partner], pools = { shared: 1000 } } = options;
    const places = Object.entries(pools).map(([pool, cap = 0]) => ({
      district: pool === 'shared' ? null : Number(pool),
      cap,
    }));
    const [row] = await this.sql<{ id: number }[]>`
      with b as (
        insert into benefit (union_id, kind, title_zh, title_en, summary_zh, summary_en, price_fen,
          face_value_fen, starts_at, ends_at, weekdays, opens_minute, closes_minute, audience,
          valid_districts, quantity_max, limit_count, limit_period)
        values (${union}, 'cinema', '电影票', 'A film', '', '', ${price}, ${price}, ${startsAt},
          ${endsAt}, ${weekdays}, ${opensMinute}, ${closesMinute}, ${this.sql.json(audience)},
          ${validDistricts}, ${quantityMax}, ${limit[0]}, ${limit[1]})
        returning id
      ), admitted as (
        insert into benefit_partner (benefit_id, partner_id)
        select b.id, partner from b, unnest(${partners}::int[]) partner
      ), pool as (
        insert into allocation (benefit_id, district_id, union_id, cap)
        select b.id, p.district, ${union}, p.cap
        from b, jsonb_to_recordset(${this.sql.json(places)}) p (district int, cap int)
      )
      select id from b`;
    return found(row).id;
  }

  /** Makes a benefit one that is claimed first: at once, without a hold, with a wait list, unless told otherwise. */
  async letClaim(benefit: number, options: ClaimOptions = {}): Promise<void> {
    const { kind = 'slot', opensAt = '2020-01-01Z', closesAt = '2090-01-01Z' } = options;
    const { holdMinutes = null, cancelMinutes = 0, hasWaitList = true } = options;
    const {
      answerMinutes = 60,
      needsApproval = false,
      doorMinutes = 60,
      walkIns = false,
      weights = [0, 0],
    } = options;
    await this.sql`
      with b as (update benefit set claim_kind = ${kind} where id = ${benefit} returning id)
      insert into claim_terms (benefit_id, opens_at, closes_at, hold_minutes, cancel_minutes,
        has_wait_list, answer_minutes, needs_approval, door_minutes, walk_ins,
        late_cancel_weight, no_show_weight)
      select id, ${opensAt}, ${closesAt}, ${holdMinutes}, ${cancelMinutes}, ${hasWaitList},
        ${answerMinutes}, ${needsApproval}, ${doorMinutes}, ${walkIns}, ${weights[0]}, ${weights[1]} from b`;
  }

  /** Shares a room on the third floor for twenty: half an hour to four hours, four hours a week for each company. */
  async shareRoom(benefit: number, options: ClaimOptions = {}): Promise<void> {
    await this.letClaim(benefit, { ...options, kind: 'room' });
    await this.sql`
      insert into room (benefit_id, place_zh, place_en, people_max, minutes_a_week)
      values (${benefit}, '三楼活动室', 'Room on the third floor', 20, 240)`;
  }

  /** A session of two hours in 2080 at no outlet in particular, for ten, unless told otherwise. */
  async addSession(benefit: number, options: SessionOptions = {}): Promise<number> {
    const { cap = 10, startsAt = '2080-06-03T10:00:00+08:00', hours = 2 } = options;
    const { outlet = null, price = null } = options;
    const [row] = await this.sql<{ id: number }[]>`
      insert into session (benefit_id, title_zh, title_en, outlet_id, starts_at, ends_at, price_fen, cap)
      values (${benefit}, '场次', 'Session', ${outlet}, ${startsAt},
        ${startsAt}::timestamptz + ${hours} * interval '1 hour', ${price}, ${cap})
      returning id`;
    return found(row).id;
  }

  /** Units of sessions (by id) that are let go at an instant; until then the sessions have none of them. */
  async addWave(benefit: number, opensAt: string, units: Record<number, number>, entrySeconds = 3) {
    const rows = Object.entries(units).map(([session, count]) => ({ session, count }));
    const [row] = await this.sql<{ id: number }[]>`
      with w as (
        insert into wave (benefit_id, opens_at, entry_seconds)
        values (${benefit}, ${opensAt}, ${entrySeconds}) returning id
      ), u as (
        insert into wave_units (wave_id, session_id, units)
        select w.id, r.session, r.count
        from w, jsonb_to_recordset(${this.sql.json(rows)}) r (session int, count int)
      )
      select id from w`;
    return found(row).id;
  }

  /** Commits a draw of a benefit to a secret (hex). */
  async addDraw(benefit: number, secret: string, weights: DrawWeights = {}): Promise<void> {
    await this.sql`
      insert into draw (benefit_id, secret, commitment, committed_at, number_zh, number_en, weights)
      values (${benefit}, ${secret}, encode(sha256(decode(${secret}, 'hex')), 'hex'), clock(),
        '双色球', 'Lottery', ${this.sql.json(weights)})`;
  }

  /** What claim() is sent by a member for himself, unless told otherwise. */
  claimItem(member: Pick<Member, 'cell' | 'userId'>, benefit: number, session: number | null) {
    return {
      id: idIn(member.cell),
      benefit,
      session,
      quantity: 1,
      waits: false,
      answers: {},
      member: null as number | null,
      user: member.userId,
      sessionAt: new Date().toISOString(),
      secondFactorAt: null as string | null,
    };
  }

  /** Lets a benefit be redeemed without a network: ten units a device for a day, and the union bears what is too much. */
  async addPolicy(benefit: number, options: PolicyOptions = {}): Promise<void> {
    const terms = { units: 10, hours: 24, cardUsesADay: 100, valueMaxFen: 1_000_000 };
    await allowOffline(this.sql, benefit, { ...terms, variancePayer: 'union', ...options });
  }

  /** A phone of the chain's host outlet, unless told otherwise; it signs nothing. */
  async addDevice(outlet: Outlet = this.outlet): Promise<Device> {
    const key = { kty: 'EC', crv: 'P-256', x: '', y: '' };
    const [row] = await this.sql<{ id: number }[]>`
      insert into device (outlet_id, name, public_jwk, paired_by, paired_at, seen_at)
      values (${outlet.id}, '收银台', ${this.sql.json(key)}, ${this.operator.userId}, '2020-01-01Z', '2020-01-01Z')
      returning id`;
    return { id: found(row).id, outlet: outlet.id };
  }

  /** A lease put there by hand, with the units it takes from the shared pool. */
  async addLease(device: Device, benefit: number, units: number, hours = 24): Promise<Lease> {
    const [row] = await this.sql<Lease[]>`
      with pool as (
        update allocation set leased = leased + ${units}
        where benefit_id = ${benefit} and district_id is null returning id
      )
      insert into lease (device_id, benefit_id, allocation_id, units, granted_at, expires_at, returns_at)
      select ${device.id}, ${benefit}, pool.id, ${units}, clock(),
        clock() + ${hours} * interval '1 hour', clock() + ${hours + 12} * interval '1 hour'
      from pool returning id, units, used`;
    return found(row);
  }

  /** What redeem() is sent for a scan that a device made at `at` without a network. */
  offlineItem(
    member: Pick<Member, 'cell' | 'card'>,
    benefit: number,
    device: Device,
    lease: Pick<Lease, 'id'> | null,
    at = new Date(),
  ) {
    const listAt = null as string | null;
    return {
      ...this.item(member, benefit, at),
      scanValidUntil: null,
      sessionAt: null,
      listAt,
      outlet: device.outlet,
      device: device.id,
      lease: lease?.id ?? null,
    };
  }

  /** What redeem() is sent for a scan at `at`, by the chain's operator at its host outlet, unless told otherwise. */
  item(member: Pick<Member, 'cell' | 'card'>, benefit: number, at = new Date()) {
    const minute = Math.floor(at.getTime() / 60_000);
    return {
      id: idIn(member.cell),
      cell: member.cell,
      card: member.card,
      jti: randomInt(2 ** 40),
      kid: this.kid,
      exp: (minute + 1) * 60,
      scannedAt: at.toISOString(),
      scanValidUntil: new Date(at.getTime() + 300_000).toISOString(),
      benefit,
      outlet: this.outlet.id,
      quantity: 1,
      user: this.operator.userId,
      sessionAt: at.toISOString(),
    };
  }
}

export function cardIn(cell: number): number {
  return cell * 2 ** 34 + randomInt(2 ** 34);
}

/** A redemption's or reversal's id, as a client makes it: a UUIDv7 whose last byte's low six bits are the cell. */
export function idIn(cell: number): string {
  const bytes = Uint8Array.from(uuidv7obj().bytes);
  bytes[15] = ((bytes[15] ?? 0) & 0xc0) | cell;
  const hex = Buffer.from(bytes).toString('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

function found<T>(row: T | undefined): T {
  if (row === undefined) throw new Error('The statement returned no row.');
  return row;
}
