import type { transfer } from '../schema/ledger.ts';
import type { redemption, reversal } from '../schema/redemptions.ts';
import type { Benefit, Pool } from './benefits.ts';
import { dayMs, midnight, minuteMs, periodStart, weekday } from './calendar.ts';
import type { Card, Member } from './members.ts';
import type { Outlet } from './partners.ts';
import type { Random } from './random.ts';
import type { Operator } from './staff.ts';
import { uuidv7 } from './uuid.ts';

export type HistoryRows = {
  redemptions: (typeof redemption.$inferInsert)[];
  reversals: (typeof reversal.$inferInsert)[];
  transfers: (typeof transfer.$inferInsert)[];
};

export type HistoryContext = {
  now: number;
  random: Random;
  benefits: readonly Benefit[];
  byOutlet: ReadonlyMap<number, Operator>;
  /** The account of a union or a partner, by its id. */
  payers: ReadonlyMap<number, number>;
  payees: ReadonlyMap<number, number>;
  /** The union that pays a partner. */
  creditors: ReadonlyMap<number, number>;
};

type Use = { benefit: Benefit; outlet: Outlet; card: Card; at: number; quantity: number };

const historyDays = 120;
const triesPerUse = 6;
const homeShare = 0.55;
const reversedShare = 0.02;

/** Whose uses nearly all fall in the last minutes before it closes, so that the picture of unusual outlets shows one. */
export const lateOutlet = 'Qingdu Cinema, Taiyanggong';
const lateMinutes = 15;

/**
 * Invents up to `wanted` past uses of one member, each one that redeem() would have accepted: inside window, audience,
 * limit and quota. Charges the pools, appends the rows, and answers how many there are.
 */
export function inventUses(
  context: HistoryContext,
  member: Member,
  wanted: number,
  rows: HistoryRows,
): number {
  const mine = context.benefits.filter((benefit) => isFor(benefit, member));
  const weight = mine.reduce((sum, { offer }) => sum + offer.popularity, 0);
  if (member.cards.length === 0 || weight === 0) return 0;
  const counts = new Map<string, number>();
  let made = 0;
  for (let tries = wanted * triesPerUse; tries > 0 && made < wanted; tries -= 1) {
    const benefit = pickByPopularity(context.random, mine, weight);
    const use = inventUse(context, member, benefit);
    if (!use) continue;
    const [count, period] = benefit.offer.limit;
    const key = `${benefit.id} ${periodStart(period, use.at)}`;
    const counted = (counts.get(key) ?? 0) + use.quantity;
    if (counted > count) continue;
    const pool = findPool(benefit, member, use.quantity);
    if (!pool) continue;
    made += 1;
    if (!book(context, member, use, pool, count - counted, rows)) continue;
    counts.set(key, counted);
    pool.used += use.quantity;
  }
  return made;
}

function isFor({ audience, home, shared, offer }: Benefit, { employer, ...member }: Member) {
  const { districts, unions, age, tags } = audience;
  const districtId = employer.districtId ?? 0;
  return (
    offer.popularity > 0 &&
    (districts?.includes(districtId) ?? true) &&
    (unions?.some((id) => employer.path.includes(id)) ?? true) &&
    member.ageYears > (age?.min ?? 0) &&
    member.ageYears < (age?.max ?? 200) &&
    (tags?.some((tag) => member.tags.includes(tag)) ?? true) &&
    (home.has(districtId) || shared !== null)
  );
}

function pickByPopularity(random: Random, benefits: Benefit[], weight: number): Benefit {
  let rest = random.below(weight);
  for (const benefit of benefits) {
    rest -= benefit.offer.popularity;
    if (rest < 0) return benefit;
  }
  return random.pick(benefits);
}

/** One visit at a moment the benefit was open, or null where chance found none. People go near home, and lately. */
function inventUse({ now, random }: HistoryContext, member: Member, benefit: Benefit): Use | null {
  const near = benefit.outletsByDistrict.get(member.employer.districtId ?? 0);
  const outlet = random.pick(near && random.chance(homeShare) ? near : benefit.outlets);
  const from = Math.max(benefit.startsAt, member.since, now - historyDays * dayMs);
  const lately = member.isNamed ? periodStart('month', now) : now - minuteMs;
  const to = Math.min(lately, benefit.endsAt, benefit.pausedAt ?? now, member.until);
  if (from >= to) return null;
  const share = Math.max(random.word(), random.word()) / 2 ** 32;
  const day = midnight(from + share * (to - from));
  const open = outlet.hours[weekday(day) - 1];
  if (!open || !(benefit.offer.weekdays?.includes(weekday(day)) ?? true)) return null;
  const opens = Math.max(open.opens, benefit.offer.hours?.[0] ?? 0);
  const closes = Math.min(open.closes, benefit.offer.hours?.[1] ?? 1440);
  const first = outlet.nameEn === lateOutlet ? Math.max(opens, closes - lateMinutes) : opens;
  const at = day + (first + random.below(closes - first)) * minuteMs + random.below(minuteMs);
  if (at < from || at >= to) return null;
  const card = member.cards.find((one) => at >= one.from && at < one.to - minuteMs);
  const most = benefit.offer.quantityMax ?? 1;
  const quantity = most > 1 && random.chance(0.4) ? 1 + random.below(most) : 1;
  return card ? { benefit, outlet, card, at, quantity } : null;
}

function findPool(benefit: Benefit, member: Member, quantity: number): Pool | null {
  const home = benefit.home.get(member.employer.districtId ?? 0);
  if (home && home.used + quantity <= home.cap - home.kept) return home;
  if (home && home.kept > 0) return null;
  const { shared } = benefit;
  return shared && shared.used + quantity <= shared.cap ? shared : null;
}

/** Appends the rows of one use; false when it was undone again, so that its units are free. */
function book(
  { now, random, byOutlet, payers, payees, creditors }: HistoryContext,
  member: Member,
  { benefit, outlet, card, at, quantity }: Use,
  pool: Pool,
  memberLeft: number,
  rows: HistoryRows,
): boolean {
  const operator = byOutlet.get(outlet.id);
  const payer = payers.get(pool.unionId);
  const payee = payees.get(outlet.partnerId);
  const creditorId = creditors.get(outlet.partnerId);
  if (!operator || !payer || !payee || !creditorId)
    throw new Error(`The outlet ${outlet.nameEn} is not served.`);
  const { cell } = member;
  const { priceFen } = benefit.offer;
  const bookedAt = new Date(at + 4000 + random.below(30_000));
  const undone = at + (2 + random.below(12)) * minuteMs;
  const isUndone = undone < now && random.chance(reversedShare);
  const reversedAt = isUndone ? new Date(undone) : null;
  const id = uuidv7(random, at, cell);
  const jti = random.below(2 ** 20) * 2 ** 20 + random.below(2 ** 20);
  rows.redemptions.push({
    ...{ cell, id, jti, quantity, memberLeft, priceFen, bookedAt, reversedAt },
    memberId: member.id,
    unionId: member.employer.id,
    cardNumber: card.number,
    benefitId: benefit.id,
    outletId: outlet.id,
    operatorId: operator.id,
    allocationId: pool.id,
    at: new Date(at),
  });
  const amountFen = priceFen * quantity;
  const there = {
    cell,
    redemptionId: id,
    kind: 'redemption',
    leg: 1,
    creditorId,
    amountFen,
  } as const;
  rows.transfers.push({ ...there, payerId: payer, payeeId: payee, at: bookedAt });
  if (reversedAt) {
    const reversalId = uuidv7(random, undone, cell);
    const { userId } = operator;
    const reason = '会员改变主意';
    rows.reversals.push({ cell, id: reversalId, redemptionId: id, userId, reason, at: reversedAt });
    const back = { ...there, kind: 'reversal' } as const;
    rows.transfers.push({ ...back, payerId: payee, payeeId: payer, at: reversedAt });
  }
  return !isUndone;
}
