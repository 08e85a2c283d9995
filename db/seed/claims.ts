import type { Transaction } from '../client.ts';
import { type Answers, claimTerms, room, waveUnits } from '../schema/claims.ts';
import { dayMs, midnight, minuteMs } from './calendar.ts';
import { type Booking, type Claimable, claimables } from './claimables.ts';
import { copyRows } from './copy.ts';
import type { Outlet } from './partners.ts';
import { memberPeople } from './people.ts';
import { createRandom } from './random.ts';
import { uuidv7 } from './uuid.ts';

const hourMs = 60 * minuteMs;
const demoClerk = 'Beijing Federation of Trade Unions';

type Person = { cell: number; id: number };

/**
 * A benefit of each kind of claim, and what members have claimed of them: for them all a clerk of the city's did, by the
 * functions of the product itself, so that counters, wait lists and inboxes are what they would be.
 */
export async function inventClaims(
  tx: Transaction,
  {
    now,
    seed,
    hashOf,
    outlets,
  }: {
    now: number;
    seed: number;
    hashOf: (phone: string) => string;
    outlets: readonly Outlet[];
  },
): Promise<void> {
  const random = createRandom(seed + 5);
  const [clerk] = await tx<{ userId: string }[]>`
    select f.user_id as "userId" from officer f join trade_union u on u.id = f.union_id
    where u.name_en = ${demoClerk} and f.role = 'administrator' order by f.id limit 1`;
  const people = await tx<Person[]>`
    select m.cell, m.id from member m
    join affiliation a on a.cell = m.cell and a.member_id = m.id and a.ended_at is null
    where m.phone_hash <> all(${memberPeople.map(({ phone }) => hashOf(phone))})
    order by m.cell, m.id limit 400`;
  const ours = await tx<Person[]>`
    select m.cell, m.id from member m
    where m.phone_hash = ${hashOf(memberPeople[0]?.phone ?? '')}`;
  if (!clerk) return;
  for (const [n, one] of claimables.entries()) {
    const benefit = await addBenefit(tx, now, one);
    const sessions = await addSessions(tx, now, outlets, benefit, one);
    await addWaves(tx, now, benefit, sessions, one);
    if (one.draw) await commit(tx, now, benefit, one.draw);
    if (one.room) await copyRows(tx, room, [{ ...one.room, benefitId: benefit }]);
    const claimants = [
      ...(one.isOurs ? ours : []),
      ...people.slice(n * 50).filter(() => random.chance(0.8)),
    ];
    const total = one.claims + (one.waiting ?? 0);
    const items = claimants.slice(0, total).map(({ cell, id }, i) => ({
      id: uuidv7(random, now, cell),
      benefit,
      // Who waits does so for the first sessions.
      session: one.claimKind === 'draw' ? null : (sessions[i % sessions.length] ?? null),
      quantity: 1 + (one.quantityMax === undefined ? 0 : random.below(one.quantityMax)),
      waits: true,
      answers: answersFor(one, i),
      member: id,
      user: clerk.userId,
      sessionAt: new Date(now).toISOString(),
      secondFactorAt: new Date(now).toISOString(),
    }));
    if (items.length > 0) await tx`select from claim(${tx.json(items)})`;
    if (one.bookings) {
      const neighbours = await membersOf(tx, one.audience?.unions ?? []);
      for (const [i, booking] of one.bookings.entries()) {
        const neighbour = neighbours[i % neighbours.length];
        if (!neighbour) break;
        const { cell, id: member } = neighbour;
        const asked = { id: uuidv7(random, now, cell), benefit, member, user: clerk.userId };
        await book(tx, now, asked, booking);
      }
    }
    await endSignUp(tx, now, benefit, one);
  }
}

/** On the full hour. */
const hours = (now: number, count: number): Date =>
  new Date((Math.floor(now / hourMs) + count) * hourMs);

/** With one pool for everybody, in its only period. */
async function addBenefit(tx: Transaction, now: number, one: Claimable): Promise<number> {
  const { unions, ...attributes } = one.audience ?? {};
  const [opens, closes] = one.hours ?? [0, 1440];
  const starts = new Date(midnight(now) - 10 * dayMs);
  const [made] = await tx<{ id: number }[]>`
    with named as (
      select array_agg(id) as ids from trade_union where name_en = any(${unions ?? []})
    ), b as (
      insert into benefit (union_id, kind, claim_kind, title_zh, title_en, summary_zh, summary_en, price_fen,
        face_value_fen, starts_at, ends_at, opens_minute, closes_minute, audience, quantity_max,
        limit_count, limit_period, funding)
      select u.id, ${one.kind}, ${one.claimKind}, ${one.titleZh}, ${one.titleEn}, ${one.summaryZh},
        ${one.summaryEn}, ${one.priceFen}, ${one.faceValueFen},
        ${one.startsInHours === undefined ? starts : hours(now, one.startsInHours)},
        ${hours(now, 200 * 24)}, ${opens}, ${closes},
        ${tx.json(attributes)}::jsonb || case when ids is null then '{}' else jsonb_build_object('unions', ids) end,
        ${one.quantityMax ?? 1}, ${one.limit[0]}, ${one.limit[1]},
        ${one.funding === undefined ? null : tx.json(one.funding)}
      from trade_union u, named where u.name_en = ${one.owner}
      returning id, union_id
    ), admitted as (
      insert into benefit_partner (benefit_id, partner_id)
      select b.id, p.id from b, partner p where p.name_en = ${one.partner ?? ''}
    ), places as (
      insert into allocation (benefit_id, district_id, union_id, cap)
      select id, null, union_id, ${one.places} from b
    )
    select id from b`;
  if (!made) throw new Error(`The demo city has no ${one.owner}.`);
  await copyRows(tx, claimTerms, [
    {
      holdMinutes: null,
      ...{ questions: [], ...one.terms },
      benefitId: made.id,
      opensAt: hours(now, one.opensInHours),
      // Open while its claims are made up; who is over closes after that.
      closesAt: hours(now, Math.max(1, one.closesInHours)),
    },
  ]);
  return made.id;
}

async function addSessions(
  tx: Transaction,
  now: number,
  outlets: readonly Outlet[],
  benefitId: number,
  { sittings }: Claimable,
): Promise<number[]> {
  const ids: number[] = [];
  for (const one of sittings) {
    const { titleZh = '', titleEn = '', placeZh = '', placeEn = '', priceFen = null, cap } = one;
    const outlet = outlets.find(({ key }) => key === one.outlet);
    const startsAt =
      one.inDays === undefined
        ? null
        : new Date(midnight(now) + one.inDays * dayMs + (one.at ?? 0) * hourMs);
    const [row] = await tx<{ id: number }[]>`
      insert into session (benefit_id, title_zh, title_en, place_zh, place_en, outlet_id, starts_at,
        ends_at, price_fen, cap)
      values (${benefitId}, ${titleZh}, ${titleEn}, ${placeZh}, ${placeEn}, ${outlet?.id ?? null},
        ${startsAt}, ${startsAt && hours(startsAt.getTime(), one.hours ?? 1)}, ${priceFen}, ${cap})
      returning id`;
    if (row) ids.push(row.id);
  }
  return ids;
}

/** On the full minute, as a union would announce it. */
async function addWaves(
  tx: Transaction,
  now: number,
  benefitId: number,
  sessions: readonly number[],
  { waves = [] }: Claimable,
): Promise<void> {
  for (const { inMinutes, units } of waves) {
    const opensAt = new Date((Math.ceil(now / (5 * minuteMs)) * 5 + inMinutes) * minuteMs);
    const [made] = await tx<{ id: number }[]>`
      insert into wave (benefit_id, opens_at) values (${benefitId}, ${opensAt}) returning id`;
    const waveId = made?.id ?? 0;
    await copyRows(
      tx,
      waveUnits,
      sessions.map((sessionId) => ({ waveId, sessionId, units })),
    );
  }
}

async function commit(
  tx: Transaction,
  now: number,
  benefitId: number,
  { secret, weights }: NonNullable<Claimable['draw']>,
): Promise<void> {
  await tx`
    insert into draw (benefit_id, secret, commitment, committed_at, number_zh, number_en, weights)
    values (${benefitId}, ${secret}, encode(sha256(decode(${secret}, 'hex')), 'hex'), ${hours(now, -6 * 24)},
      '双色球当期开奖号码', 'The next Double Colour Ball numbers', ${tx.json(weights)})`;
}

/** One of each company, so that nobody soon uses up another's hours. */
async function membersOf(tx: Transaction, unions: readonly string[]): Promise<Person[]> {
  return tx<Person[]>`
    select distinct on (a.union_id) m.cell, m.id
    from trade_union above
    join trade_union u on above.id = any (u.path)
    join affiliation a on a.union_id = u.id and a.ended_at is null
    join member m on m.cell = a.cell and m.id = a.member_id and m.user_id is null
    where above.name_en = any(${unions})
    order by a.union_id, m.cell, m.id`;
}

/** As the product does it, for somebody of the neighbourhood; the owner says yes. */
async function book(
  tx: Transaction,
  now: number,
  asked: { id: string; benefit: number; member: number; user: string },
  { inDays, at, hours: length, people, purpose, isAccepted }: Booking,
): Promise<void> {
  const from = midnight(now) + inDays * dayMs + at * hourMs;
  const request = {
    ...asked,
    ...{ from: new Date(from).toISOString(), to: new Date(from + length * hourMs).toISOString() },
    ...{ people, purpose },
    ...{ sessionAt: new Date(now).toISOString(), secondFactorAt: new Date(now).toISOString() },
  };
  const [answer] = await tx<{ outcome: string }[]>`
    select claim_room(${tx.json(request)}) ->> 'outcome' as outcome`;
  if (answer?.outcome !== 'made') throw new Error(`A room was refused: ${answer?.outcome}.`);
  if (isAccepted) await tx`select decide_claim(${asked.id}, true, ${asked.user}, null)`;
}

/** Of what is over by now: the list is closed, and it is drawn. */
async function endSignUp(
  tx: Transaction,
  now: number,
  benefitId: number,
  { closesInHours, draw }: Claimable,
): Promise<void> {
  if (closesInHours > 0) return;
  await tx`
    update claim_terms set closes_at = ${hours(now, closesInHours)} where benefit_id = ${benefitId}`;
  if (draw?.number === undefined) return;
  await tx`select close_draw(${benefitId})`;
  await tx`select run_draw(${benefitId}, ${draw.number})`;
}

function answersFor({ terms }: Claimable, n: number): Answers {
  return Object.fromEntries(
    (terms?.questions ?? [])
      .filter(({ isRequired }) => isRequired)
      .map(({ id, options, min = 0, max = 0 }) => [
        id,
        options?.[n % options.length]?.id ?? min + (n % (max - min + 1)),
      ]),
  );
}
