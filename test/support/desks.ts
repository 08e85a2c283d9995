import { uuidv7 } from 'uuidv7';
import { hashOfCode, makeCode } from '../../api/devices/code.ts';
import type { Sql } from '../../db/client.ts';
import { sealPhone } from '../../api/members/personal-data.ts';
import { type Browser, testSecret } from './app.ts';
import { type City, idIn, type Member } from './city.ts';
import { claimOne } from './claim.ts';
import { type Console, openConsole, signInSomebody } from './console.ts';
import { type Counter, type Holder, openCounter, passOf } from './counter.ts';
import { DevicePhone, link, type Upload } from './device-phone.ts';
import { giveIdNumber } from './id-card.ts';

export const roles = [
  'anonymous',
  'nobody',
  'member',
  'operator',
  'manager',
  'administrator',
  'other',
  'viewer',
  'finance',
  'editor',
  'auditor',
  'deputy',
  'former',
  'city',
] as const;

/**
 * `other` administers the outlet's district, `city` the city; all other offices are of the member's district. The deputy
 * stands in for the administrator, the former one was suspended.
 */
export type Role = (typeof roles)[number];

/** What a route may be asked about. */
export type Ids = {
  union: number;
  pool: number;
  benefit: number;
  /** A benefit that is signed up for, with a claim of the member's, and a session besides the claim's. */
  activity: number;
  claim: string;
  meeting: number;
  /** A benefit of the union's that is committed to a draw; nobody has entered. */
  lottery: number;
  /** A session whose door is open, where who has no claim is let in; a claim of the member's there; and a mark of his. */
  gathering: number;
  guest: string;
  /** A session like it at the outlet. */
  premiere: number;
  mark: number;
  /** A room that is shared, whose owner was asked by the member; and an offer. */
  room: number;
  request: string;
  offer: number;
  partner: number;
  operator: number;
  outlet: number;
  application: number;
  alert: number;
  /** An officer of the union, the administrator's office, and that lent to the officer. */
  officer: number;
  office: number;
  delegation: number;
  /** For the member to answer. */
  invitation: number;
  /** What the administrator proposed. */
  proposal: number;
  /** Another session of the member's. */
  session: string;
  redemption: string;
  device: number;
  /** An invitation of the outlet, and an upload that the device signed. */
  code: string;
  upload: Upload;
  /** An offline use of the union's that waits for its decision, as its address says it. */
  item: string;
  /** What the union and the outlet's settle, what that one owes the partner, and what it disputes. */
  pair: number;
  account: number;
  dispute: number;
  /** A member of the union without a phone, whose ID card is on file. */
  person: number;
  /** Somebody the member named; and the mandate that the person gave to the member. */
  proxy: number;
  mandate: number;
  /** A file of the union's members, and another union's wish for the member. */
  roster: string;
  move: number;
  pass: string;
  ticket: string;
};

/** Nothing has these. */
export const missing: Ids = {
  union: 2_000_000_000,
  pool: 2_000_000_000,
  benefit: 2_000_000_000,
  activity: 2_000_000_000,
  claim: idIn(1),
  meeting: 2_000_000_000,
  lottery: 2_000_000_000,
  gathering: 2_000_000_000,
  guest: idIn(1),
  premiere: 2_000_000_000,
  mark: 2_000_000_000,
  room: 2_000_000_000,
  request: idIn(1),
  offer: 2_000_000_000,
  partner: 2_000_000_000,
  operator: 2_000_000_000,
  outlet: 2_000_000_000,
  application: 2_000_000_000,
  alert: 2_000_000_000,
  officer: 2_000_000_000,
  office: 2_000_000_000,
  delegation: 2_000_000_000,
  invitation: 2_000_000_000,
  proposal: 2_000_000_000,
  session: 'x'.repeat(32),
  redemption: idIn(1),
  device: 2_000_000_000,
  code: '0'.repeat(26),
  upload: { from: 1, prev: '0'.repeat(64), items: ['x'], signature: 'A'.repeat(86) },
  pair: 2_000_000_000,
  account: 2_000_000_000,
  dispute: 2_000_000_000,
  item: `2000000000/1/${'0'.repeat(64)}`,
  person: 2 ** 51,
  proxy: 2_000_000_000,
  mandate: 2_000_000_000,
  roster: '01a20a6d-636a-759f-ba57-6a2b6f23df5a',
  move: 2_000_000_000,
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
  #months = 0;
  readonly #colleague: Browser;

  private constructor(
    parts: Pick<Desks, 'counter' | 'console' | 'elsewhere' | 'holder'>,
    nobody: Browser,
    colleague: Browser,
    more: Record<'finance' | 'editor' | 'auditor' | 'deputy' | 'former', Browser>,
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
      ...more,
      city,
    };
  }

  static async open(sql: Sql): Promise<Desks> {
    const counter = await openCounter(sql);
    const console = await openConsole(sql, counter);
    const elsewhere = await openConsole(sql);
    // It came with a key that signs nothing.
    await sql`delete from signing_key where public_jwk = '{}'`;
    const holder = await counter.addHolder();
    const { userId } = await counter.city.addOperator(counter.city.outlet.partner, [
      counter.city.outlet,
    ]);
    const colleague = await counter.app.signInAs(userId);
    const nobody = await signInSomebody(counter.app);
    const { home } = counter.city.unions;
    const officer = async (role: string, suspendedAt: string | null = null) => {
      const browser = await signInSomebody(counter.app);
      await sql`
        insert into officer (user_id, union_id, role) values (${browser.userId}, ${home}, ${role})`;
      await browser.passSecondFactor();
      await sql`
        update officer set suspended_at = ${suspendedAt} where user_id = ${browser.userId}`;
      return browser;
    };
    const more = {
      finance: await officer('finance'),
      editor: await officer('editor'),
      auditor: await officer('auditor'),
      deputy: await officer('viewer'),
      former: await officer('administrator', '2026-01-01Z'),
    };
    await sql`
      insert into delegation (officer_id, user_id, reason, starts_at, ends_at)
      select id, ${more.deputy.userId}, '出差', clock(), clock() + interval '1 day'
      from officer where user_id = ${console.at.home.userId}`;
    return new Desks({ counter, console, elsewhere, holder }, nobody, colleague, more);
  }

  /** New things of theirs, with card and partner at work again if a role stopped them. */
  async own(): Promise<Ids> {
    const { cell, id } = this.holder;
    await this.sql`
      update card set status = 'live', ended_at = null
      where cell = ${cell} and member_id = ${id} and status in ('lost', 'blocked')`;
    await this.sql`
      update partner set paused_at = null, pause_reason = null, ended_at = null where paused_at is not null or ended_at is not null`;
    await this
      .sql`update outlet set closed_at = null, closed_by = null, close_reason = null where closed_at is not null`;
    return this.#mint(this.counter.city, this.holder, this.console.at.home.userId);
  }

  /** New things of the other city. */
  async foreign(): Promise<Ids> {
    const { city } = this.elsewhere;
    return this.#mint(city, await city.addMember(), this.elsewhere.at.home.userId);
  }

  /** What the member's phone shows now, and a ticket of the role's own where it can have one, else a colleague's. */
  async show(role: Role): Promise<Pick<Ids, 'pass' | 'ticket'>> {
    const pass = (await passOf(this.holder)).url;
    const own = await this.#scan(this.browsers[role], pass);
    return { pass, ticket: own ?? (await this.#scan(this.#colleague, pass)) ?? '' };
  }

  async #mint(city: City, member: Member, administrator: string): Promise<Ids> {
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
    const phone = await this.#addDevice(city);
    await phone.write('x');
    const code = makeCode();
    await this.sql`
      insert into device_pairing (code_hash, outlet_id, name, made_by, expires_at)
      values (${await hashOfCode(code)}, ${city.outlet.id}, '收银台', '', clock() + interval '10 minutes')`;
    return {
      union: home,
      pool: home,
      benefit,
      ...(await this.#addActivity(city, member)),
      lottery: await this.#addLottery(city),
      ...(await this.#addGathering(city, member)),
      ...(await this.#addRoom(city, member)),
      offer: await this.#addOffer(city),
      partner: city.outlet.partner,
      operator: operator.id,
      outlet: city.outlet.id,
      application: await this.#apply(city),
      alert: alert?.id ?? 0,
      redemption,
      ...(await this.#addPeople(city, member, administrator)),
      device: phone.id,
      code,
      upload: await phone.upload(),
      item: await this.#addReview(city, benefit),
      ...(await this.#settle(city, redemption, await this.#redeem(city, member, benefit))),
      ...(await this.#addProxies(city, member)),
      ...(await this.#addRoster(city, member, administrator)),
      pass: missing.pass,
      ticket: missing.ticket,
    };
  }

  /** A file of two bytes, of which nothing has come, alone as there may be few at once, and a transfer that the other district's enterprise asks for. */
  async #addRoster(
    { unions: { home, homeEnterprise, hostEnterprise } }: City,
    { cell, id }: Member,
    administrator: string,
  ): Promise<Pick<Ids, 'roster' | 'move'>> {
    const roster = uuidv7();
    // A union has few files open at once, and a suite sets up many desks.
    await this.sql`
      update member_import set state = 'cancelled', ended_at = clock()
      where union_id = ${home} and state in ('uploading', 'uploaded', 'checked')`;
    await this.sql`
      insert into member_import (id, union_id, user_id, file_name, bytes, created_at)
      values (${roster}, ${home}, ${administrator}, 'x.csv', 2, clock())`;
    await this
      .sql`update affiliation_transfer set state = 'void', decided_at = clock() where state = 'open'`;
    const [row] = await this.sql<{ id: number }[]>`
      insert into affiliation_transfer (
        cell, member_id, from_union_id, to_union_id, asked_by, reason, asked_at, agrees_at)
      values (${cell}, ${id}, ${homeEnterprise}, ${hostEnterprise}, ${administrator}, '', clock(), clock())
      returning id`;
    return { roster, move: row?.id ?? 0 };
  }

  /** A closed month of long ago, with both uses in it; about the second one the outlet's district says something. */
  async #settle(
    { unions: { home, host }, outlet }: City,
    first: string,
    second: string,
  ): Promise<Pick<Ids, 'pair' | 'account' | 'dispute'>> {
    this.#months += 1;
    const month = new Date(Date.UTC(2000, -this.#months, 1)).toISOString().slice(0, 10);
    return this.sql.begin(async (tx) => {
      await tx`
        insert into transfer (cell, redemption_id, kind, leg, payer_id, payee_id, creditor_id, amount_fen, at)
        select r.cell, r.id, 'adjustment', 1, payer.id, payee.id, ${host}, 100, day_begin(${month}::date)
        from redemption r
          join account payer on payer.union_id = ${home} and payer.kind = 'budget'
          join account payee on payee.partner_id = ${outlet.partner} and payee.kind = 'payable'
        where r.id in ${tx([first, second])}`;
      await tx`
        insert into period (month, state, closing_at) values (${month}, 'closing', clock())`;
      const made = await tx<{ id: number }[]>`
        insert into statement (month, kind, union_id, other_id, partner_id, lines, redemptions, debit_fen,
          credit_fen, hash)
        values (${month}, 'pair', ${home}, ${host}, null, 2, 0, 200, 0, ''),
          (${month}, 'partner', ${host}, null, ${outlet.partner}, 2, 0, 200, 0, '')
        returning id`;
      await tx`update period set state = 'closed', closed_at = clock() where month = ${month}`;
      const [pair = 0, account = 0] = made.map(({ id }) => id);
      const [row] = await tx<{ id: number }[]>`
        insert into dispute (statement_id, cell, redemption_id, union_id, claimed_fen, reason, raised_by, raised_at)
        select ${pair}, cell, id, ${host}, 0, '没有来过', '', clock() from redemption where id = ${second}
        returning id`;
      return { pair, account, dispute: row?.id ?? 0 };
    });
  }

  /** Of the member's proxies only this one stays open, since there may be few. */
  async #addProxies(
    city: City,
    member: Member,
  ): Promise<Pick<Ids, 'person' | 'proxy' | 'mandate'>> {
    const person = await city.addMember();
    await giveIdNumber(this.sql, person);
    await this.sql`delete from card where cell = ${person.cell} and member_id = ${person.id}`;
    await this.sql`
      update proxy set ended_at = clock()
      where cell = ${member.cell} and member_id = ${member.id} and ended_at is null`;
    const named = async (from: Member, to: Member) => {
      const [row] = await this.sql<{ id: number }[]>`
        insert into proxy (cell, member_id, user_id, kind, label, named_by, started_at, accepted_at)
        values (${from.cell}, ${from.id}, ${to.userId}, 'family', '家人', ${from.userId},
          clock(), clock())
        returning id`;
      return row?.id ?? 0;
    };
    const [proxy, mandate] = [await named(member, person), await named(person, member)];
    return { person: person.id, proxy, mandate };
  }

  async #addActivity(
    city: City,
    member: Member,
  ): Promise<Pick<Ids, 'activity' | 'claim' | 'meeting'>> {
    const { home } = city.unions;
    const activity = await city.addBenefit({
      union: home,
      limit: [1000, 'total'],
      quantityMax: 5,
      pools: { [home]: 1000 },
    });
    await city.letClaim(activity);
    const [first, meeting] = [
      await city.addSession(activity, { cap: 100 }),
      await city.addSession(activity, { cap: 100 }),
    ];
    const item = city.claimItem(member, activity, first);
    const { outcome } = await claimOne(this.sql, item);
    if (outcome !== 'made') throw new Error(`claim: ${outcome}`);
    return { activity, claim: item.id, meeting };
  }

  async #addLottery(city: City): Promise<number> {
    const { home } = city.unions;
    const lottery = await city.addBenefit({ union: home, pools: { [home]: 10 } });
    await city.letClaim(lottery, { kind: 'draw', opensAt: '2089-01-01Z' });
    await city.addDraw(lottery, 'a1'.repeat(32));
    return lottery;
  }

  async #addGathering(
    city: City,
    member: Member,
  ): Promise<Pick<Ids, 'gathering' | 'guest' | 'premiere' | 'mark'>> {
    const { home } = city.unions;
    const benefit = await city.addBenefit({
      union: home,
      price: 0,
      limit: [1000, 'total'],
      quantityMax: 5,
      pools: { [home]: 1000 },
    });
    await city.letClaim(benefit, { walkIns: true });
    const startsAt = new Date(Date.now() + 600_000).toISOString();
    const gathering = await city.addSession(benefit, { cap: 100, startsAt });
    const premiere = await city.addSession(benefit, { startsAt, outlet: city.outlet.id });
    const item = city.claimItem(member, benefit, gathering);
    const { outcome } = await claimOne(this.sql, item);
    if (outcome !== 'made') throw new Error(`claim: ${outcome}`);
    const [row] = await this.sql<{ id: number }[]>`
      insert into mark (cell, member_id, claim_id, kind, weight, at, expires_at)
      select c.cell, c.member_id, c.id, 'no_show', 1, clock(), clock() + interval '90 days'
      from claim c where c.id = ${item.id}
      returning id`;
    return { gathering, guest: item.id, premiere, mark: row?.id ?? 0 };
  }

  async #addRoom(city: City, member: Member): Promise<Pick<Ids, 'room' | 'request'>> {
    const { home } = city.unions;
    const room = await city.addBenefit({ union: home, price: 0, limit: [1000, 'total'] });
    await city.shareRoom(room, { needsApproval: true });
    const request = idIn(member.cell);
    const asked = {
      ...{ id: request, benefit: room, people: 8, purpose: '羽毛球', member: null },
      ...{ from: tomorrow('10:00'), to: tomorrow('11:00') },
      ...{ user: member.userId, sessionAt: new Date().toISOString() },
    };
    const [row] = await this.sql<{ outcome: string }[]>`
      select claim_room(${this.sql.json(asked)}) ->> 'outcome' as outcome`;
    if (row?.outcome !== 'made') throw new Error(`claim_room: ${row?.outcome}`);
    return { room, request };
  }

  async #addOffer(city: City): Promise<number> {
    const offer = await city.addBenefit({ union: city.unions.home, price: 0 });
    await city.letClaim(offer, { kind: 'offer' });
    return offer;
  }

  /** A company's application to the host district, made by the member of these desks. */
  async #apply(city: City): Promise<number> {
    const [row] = await this.sql<{ id: number }[]>`
      insert into application (user_id, district_id, kind, name_zh, name_en, licence, contact_name,
        contact_phone_cipher, outlets, submitted_at)
      values (${city === this.counter.city ? this.holder.userId : city.operator.userId},
        ${city.unions.host}, 'gym', '跃健身房', 'A gym', '91110105MA01ABCD13', '王经理',
        ${await sealPhone(testSecret, '+8613800138000')}, '[]', clock())
      returning id`;
    return row?.id ?? 0;
  }

  async #addPeople(city: City, member: Member, administrator: string) {
    const { home } = city.unions;
    const { userId } = await city.addOfficer(home, 'viewer');
    const { userId: borrower } = await city.addOfficer(home, 'viewer');
    await this.sql`
      update invitation set state = 'withdrawn', decided_at = clock() where state = 'open'`;
    const [made] = await this.sql<
      Pick<Ids, 'officer' | 'office' | 'delegation' | 'invitation' | 'proposal' | 'session'>[]
    >`
      with lent as (
        insert into delegation (officer_id, user_id, reason, starts_at, ends_at)
        select id, ${borrower}, '出差', clock(), clock() + interval '1 day'
        from officer where user_id = ${administrator}
        returning id, officer_id
      ), named as (
        insert into invitation (phone_hash, phone_end, name, union_id, role, invited_by, invited_at, expires_at)
        select coalesce(u.phone_number, m.phone_hash), '0000', '新人', t.id, 'viewer', ${administrator}, clock(), clock() + interval '1 day'
        from member m left join auth_user u on u.id = m.user_id, trade_union t
        where m.cell = ${member.cell} and m.id = ${member.id} and t.id = ${home}
        returning id
      ), proposed as (
        insert into proposal (union_id, action, subject, subject_id, subject_version, payload,
          amount_fen, reason, proposed_by, proposed_at, expires_at)
        select id, 'threshold.set', 'union', id::text, two_person_fen::text,
          jsonb_build_object('id', id, 'from', two_person_fen, 'twoPersonFen', two_person_fen + 1),
          two_person_fen + 1, '试', ${administrator}, clock(), clock() + interval '1 day'
        from trade_union where id = ${home}
        returning id
      ), begun as (
        insert into auth_session (id, token, user_id, expires_at)
        values (${crypto.randomUUID()}, ${crypto.randomUUID()}, ${member.userId}, clock() + interval '1 day')
        returning id
      )
      select f.id as officer, lent.officer_id as office, lent.id as delegation, named.id as invitation,
        proposed.id as proposal, begun.id as session
      from officer f, lent, named, proposed, begun where f.user_id = ${userId}`;
    if (!made) throw new Error('The people were not made.');
    return made;
  }

  async #addDevice(city: City): Promise<DevicePhone> {
    const phone = await DevicePhone.make();
    const [row] = await this.sql<{ id: number }[]>`
      insert into device (outlet_id, name, public_jwk, paired_by, paired_at, seen_at)
      values (${city.outlet.id}, '收银台', ${this.sql.json(phone.publicKey)}, '', clock(), clock())
      returning id`;
    phone.id = row?.id ?? 0;
    return phone;
  }

  /** A scan of another device that nobody can say much about. */
  async #addReview(city: City, benefit: number): Promise<string> {
    const { id } = await this.#addDevice(city);
    const { seq, hash, body } = await link(undefined, 'x');
    await this.sql`
      insert into offline_item (device_id, seq, hash, body, received_at, benefit_id, quantity, union_id,
        verdict, reason)
      values (${id}, ${seq}, ${hash}, ${body}, clock(), ${benefit}, 1, ${city.unions.home},
        'needs_review', 'seq_forked')`;
    await this.sql`update device set judged_seq = ${seq} where id = ${id}`;
    return `${id}/${seq}/${hash}`;
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

/** An instant of tomorrow in Asia/Shanghai. */
export function tomorrow(time: string): string {
  const day = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Shanghai' }).format(
    Date.now() + 86_400_000,
  );
  return `${day}T${time}:00+08:00`;
}
