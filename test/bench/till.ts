import { randomInt } from 'node:crypto';
import type { Config } from '../../api/config.ts';
import { toContent } from '../../api/passes/content.ts';
import { signingInput } from '../../api/passes/jws.ts';
import { KeyRing } from '../../api/passes/keys.ts';
import type { Claims } from '../../api/passes/pack.ts';
import { sign } from '../../api/passes/signature.ts';
import { expiryOf, minuteOf } from '../../api/passes/times.ts';
import type { Item } from '../../api/redemptions/item.ts';
import { issueTicket } from '../../api/scans/ticket.ts';
import type { Sql } from '../../db/client.ts';
import type { Share } from '../../db/schema/benefits.ts';
import { demoPeople } from '../../db/seed/people.ts';
import { createApp } from '../support/app.ts';
import { idIn } from '../support/city.ts';

/** The demo's cinema and its operator, signed in, with everybody's cards and some benefits that never run out. */
export type Till = {
  cookie: string;
  userId: string;
  operator: number;
  outlet: number;
  partner: number;
  benefits: number[];
  /** The one that everybody wants: all its places in one counter. */
  rush: number;
  holders: Holder[];
};

export type Holder = { cell: number; card: number; member: number };

const unlimited = 1_000_000_000;
const benefitCount = 8;
/** Two pay, as in Zibo: so a redemption writes a row more than the bare writes do. */
const funding: Share[] = [
  { payer: 'city', parts: 1 },
  { payer: 'headquarters', parts: 2 },
];
const earlySeconds = 8;

export async function openTill(sql: Sql, config: Config): Promise<Till> {
  const phone = demoPeople.find(({ key }) => key === 'operator_cinema')?.phone ?? '';
  const { browser } = createApp(sql, { config });
  const till = browser();
  await till.signIn(phone);
  const [place] = await sql<{ operator: number; outlet: number; partner: number }[]>`
    select o.id as operator, p.outlet_id as outlet, o.partner_id as partner
    from operator o join operator_outlet p on p.operator_id = o.id
    where o.user_id = ${till.userId}`;
  if (!place) throw new Error('The operator of the cinema has no outlet.');
  const holders = await sql<Holder[]>`
    select c.cell, c.number as card, c.member_id as member from card c
    join affiliation a on a.cell = c.cell and a.member_id = c.member_id and a.ended_at is null
    where c.status = 'live' and c.kind = 'phone' order by hashint8(c.number)`;
  const [rush, ...benefits] = await openBenefits(sql, place.partner);
  if (rush === undefined) throw new Error('No benefits were opened.');
  await shareAll(sql, rush);
  const cookie = Array.from(till.cookies, ([name, value]) => `${name}=${value}`).join('; ');
  return { cookie, userId: till.userId, ...place, benefits, rush, holders: [...holders] };
}

/** Benefits with places for every district, so that counters are as cold as in a city that is not in a rush. */
async function openBenefits(sql: Sql, partner: number): Promise<number[]> {
  const ids: number[] = [];
  for (let i = 0; i <= benefitCount; i += 1) {
    const [row] = await sql<{ id: number }[]>`
      insert into benefit (union_id, kind, title_zh, title_en, summary_zh, summary_en, price_fen,
        face_value_fen, starts_at, ends_at, limit_count, limit_period, funding)
      select id, 'cinema', ${`测速 ${i}`}, ${`Bench ${i}`}, '', '', 100, 100,
        clock() - interval '1 day', clock() + interval '1 day', 10000, 'day', ${sql.json(funding)}
      from trade_union where level = 1 returning id`;
    if (row) ids.push(row.id);
  }
  await sql`
    insert into benefit_partner (benefit_id, partner_id) select unnest(${ids}::int[]), ${partner}`;
  await sql`
    insert into allocation (benefit_id, district_id, union_id, cap)
    select b, d.id, d.id, ${unlimited} from unnest(${ids}::int[]) b, trade_union d where d.level = 2`;
  return ids;
}

/** All places in one pool, paid by the city. */
async function shareAll(sql: Sql, benefit: number): Promise<void> {
  await sql`delete from allocation where benefit_id = ${benefit}`;
  await sql`
    insert into allocation (benefit_id, union_id, cap)
    select ${benefit}, id, ${unlimited} from trade_union where level = 1`;
}

/** Passes as phones show them now, one each for as many members as asked, round and round. */
export class Passes {
  readonly #sql: Sql;
  readonly #config: Config;
  readonly #keys: KeyRing;
  readonly #holders: readonly Holder[];
  #next = 0;

  constructor(sql: Sql, config: Config, holders: readonly Holder[]) {
    this.#sql = sql;
    this.#config = config;
    this.#keys = new KeyRing(config.secret);
    this.#holders = holders;
  }

  /** The next member's claims. */
  async claim(): Promise<{ holder: Holder; claims: Claims }> {
    const holder = this.#pick();
    return { holder, claims: await this.#claimsOf(holder) };
  }

  /** Items as the API gives them to redeem(), of passes just scanned. */
  items(till: Till, benefit: number, size: number): Promise<Item[]> {
    const holders = Array.from({ length: size }, () => this.#pick());
    return this.itemsOf(holders, till, benefit);
  }

  /** The same of these members. */
  async itemsOf(holders: readonly Holder[], till: Till, benefit: number): Promise<Item[]> {
    const now = Date.now();
    const scannedAt = new Date(now).toISOString();
    const scanValidUntil = new Date(now + 300_000).toISOString();
    const by = { outlet: till.outlet, user: till.userId, sessionAt: scannedAt };
    const items: Item[] = [];
    for (const holder of holders) {
      const claims = await this.#claimsOf(holder);
      const { cell } = holder;
      const id = idIn(cell);
      items.push({ ...claims, ...by, id, cell, benefit, quantity: 1, scannedAt, scanValidUntil });
    }
    return items;
  }

  async show(claims: Claims): Promise<string> {
    const signer = await this.#keys.signer(this.#sql, claims.exp / 60 - 1);
    if (!signer) throw new Error('No key signs now.');
    const { origin } = this.#config;
    const signature = await sign(signer.key, signingInput(origin, claims));
    return toContent(origin, { ...claims, signature });
  }

  /** The ticket that a scan just now would have given. */
  async ticket(claims: Claims, till: Pick<Till, 'userId' | 'outlet'>): Promise<string> {
    const { tickets } = await this.#keys.derived();
    const now = (await this.#keys.now(this.#sql)) * 1000;
    return issueTicket(tickets, this.#config.origin, till.userId, {
      pass: claims,
      outlet: till.outlet,
      scannedAt: new Date(now).toISOString(),
      validUntil: new Date(now + 300_000).toISOString(),
    });
  }

  #pick(): Holder {
    const holder = this.#holders[this.#next++ % this.#holders.length];
    if (!holder) throw new Error('There is nobody to make a pass for.');
    return holder;
  }

  /** Only the id of the pass is drawn by lot, where a phone derives it from the minute. */
  async #claimsOf({ card }: Holder): Promise<Claims> {
    // The next minute's pass is good a little early: so none of them is about to expire.
    const minute = minuteOf((await this.#keys.now(this.#sql)) + earlySeconds);
    const kid = await this.#keys.signingKid(this.#sql, minute);
    if (kid === null) throw new Error('There is no key to make a pass with.');
    return { kid, card, jti: randomInt(2 ** 40), exp: expiryOf(minute) };
  }
}
