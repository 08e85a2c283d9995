import type { Audience, benefit } from '../schema/benefits.ts';
import { dayMs, midnight, periodStart } from './calendar.ts';
import { offers, type Offer } from './offers.ts';
import type { Outlet, Partner } from './partners.ts';
import type { Union } from './unions.ts';

/** A pool of places, counted down while the past is invented. */
export type Pool = {
  id: number;
  benefitId: number;
  districtId: number | null;
  unionId: number;
  cap: number;
  used: number;
  /** Places that the past leaves free, whatever chance says: the story is told with them. */
  kept: number;
};

export type Benefit = {
  id: number;
  offer: Offer;
  unionId: number;
  /** Instants in milliseconds; the last use is before `endsAt` and before `pausedAt`. */
  startsAt: number;
  endsAt: number;
  pausedAt: number | null;
  audience: Audience;
  validDistricts: number[] | null;
  partnerIds: number[];
  /** Where it can be used: all outlets, and those of each host district. */
  outlets: Outlet[];
  outletsByDistrict: Map<number, Outlet[]>;
  home: Map<number, Pool>;
  shared: Pool | null;
};

const pastDays = 150;
const futureDays = 200;
const pausedSinceDays = 3;

/** The twenty benefits with their pools, which grow with `scale` (1 is a city of 2,000 members). */
export function createBenefits(
  now: number,
  scale: number,
  unions: Union[],
  partners: Partner[],
  outlets: Outlet[],
): Benefit[] {
  const byCode = new Map(unions.map((union) => [union.districtCode, union.id]));
  const byName = new Map(
    unions
      .slice()
      .reverse()
      .map((union) => [union.nameEn, union.id]),
  );
  const codes = unions.flatMap(({ districtCode }) => districtCode ?? []);
  const today = midnight(now);
  let pools = 0;
  return offers.map((offer, i) => {
    const id = i + 1;
    const unionId = find(byName, offer.owner);
    const validDistricts = offer.validDistricts?.map((code) => find(byCode, code)) ?? null;
    const partnerIds = partners.filter((one) => isAdmitted(offer, one)).map((one) => one.id);
    const valid = outlets.filter(
      ({ partnerId, districtId }) =>
        partnerIds.includes(partnerId) && (validDistricts?.includes(districtId) ?? true),
    );
    const pool = (districtId: number | null, owner: number, places: number, kept = 0): Pool => {
      pools += 1;
      const cap = Math.round(places * scale);
      return { id: pools, benefitId: id, districtId, unionId: owner, cap, used: 0, kept };
    };
    const { home, districts = codes, shared, kept = {} } = offer.places;
    const homes = home === undefined ? [] : districts.map((code) => find(byCode, code));
    const { districts: ofDistricts, unions: ofUnions, ...attributes } = offer.audience ?? {};
    return {
      id,
      offer,
      unionId,
      startsAt:
        offer.startsInDays === undefined
          ? periodStart('month', today - pastDays * dayMs)
          : today + offer.startsInDays * dayMs,
      endsAt: today + (offer.endsInDays ?? futureDays) * dayMs,
      pausedAt: offer.pausedBecause ? today - pausedSinceDays * dayMs : null,
      audience: {
        ...attributes,
        ...(ofDistricts && { districts: ofDistricts.map((code) => find(byCode, code)) }),
        ...(ofUnions && { unions: ofUnions.map((name) => find(byName, name)) }),
      },
      validDistricts,
      partnerIds,
      outlets: valid,
      outletsByDistrict: Map.groupBy(valid, ({ districtId }) => districtId),
      home: new Map(
        homes.map((districtId, n) => [
          districtId,
          pool(
            districtId,
            districtId,
            (home ?? 0) * evenness(n, homes.length),
            kept[districts[n] ?? ''],
          ),
        ]),
      ),
      shared: shared === undefined ? null : pool(null, unionId, shared),
    };
  });
}

/** Districts buy unequal numbers of places, so that some are nearly used up and others hardly touched. */
function evenness(n: number, of: number): number {
  return of === 1 ? 1 : 0.6 + ((n * 7 + 9) % of) / of;
}

function isAdmitted({ kind, partners }: Offer, partner: Partner): boolean {
  if (partners && 'only' in partners) return partners.only.includes(partner.nameEn);
  return kind === partner.kind && !partners?.but.includes(partner.nameEn);
}

function find<K>(ids: Map<K, number>, key: K): number {
  const id = ids.get(key);
  if (id === undefined) throw new Error(`The demo city has no ${String(key)}.`);
  return id;
}

export function poolsOf(benefit: Benefit): Pool[] {
  return [...benefit.home.values(), ...(benefit.shared ? [benefit.shared] : [])];
}

export function benefitRow(one: Benefit): typeof benefit.$inferInsert {
  const { id, unionId, audience, validDistricts, offer } = one;
  const { kind, titleZh, titleEn, summaryZh, summaryEn, priceFen, faceValueFen } = offer;
  const [opensMinute, closesMinute] = offer.hours ?? [0, 1440];
  const [limitCount, limitPeriod] = offer.limit;
  return {
    id,
    unionId,
    ...{ kind, titleZh, titleEn, summaryZh, summaryEn, priceFen, faceValueFen },
    startsAt: new Date(one.startsAt),
    endsAt: new Date(one.endsAt),
    weekdays: offer.weekdays ?? [1, 2, 3, 4, 5, 6, 7],
    ...{ opensMinute, closesMinute, audience, validDistricts },
    quantityMax: offer.quantityMax ?? 1,
    ...{ limitCount, limitPeriod },
    pausedAt: one.pausedAt === null ? null : new Date(one.pausedAt),
    pauseReason: offer.pausedBecause ?? null,
  };
}
