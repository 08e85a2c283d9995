import type { Sql } from '../../db/client.ts';
import type { benefit, Limit } from '../../db/schema/benefits.ts';
import type { OpeningHours } from '../../db/schema/partners.ts';
import type { Reason } from '../../db/schema/reasons.ts';
import type { Actor } from '../caller.ts';
import type { Position } from './position.ts';

type Terms = typeof benefit.$inferSelect;

export type NearestOutlet = {
  id: number;
  nameZh: string;
  nameEn: string;
  districtZh: string;
  districtEn: string;
  distanceMetres: number | null;
};

/** A benefit as its member sees it. `quota` counts home and shared places: exact below a hundred, else in round hundreds. */
export type CatalogueItem = Pick<
  Terms,
  | 'id'
  | 'kind'
  | 'titleZh'
  | 'titleEn'
  | 'summaryZh'
  | 'summaryEn'
  | 'priceFen'
  | 'faceValueFen'
  | 'weekdays'
  | 'opensMinute'
  | 'closesMinute'
  | 'quantityMax'
  | 'claimKind'
> & {
  /** From when it may be claimed; null for what is not claimed, and for a drop without a wave to come or past. */
  claimsOpenAt: string | null;
  /** What the member pays for one of it at most. */
  coPaymentFen: number;
  unionZh: string;
  unionEn: string;
  startsAt: string;
  endsAt: string;
  limit: Limit & { left: number };
  quota: { left: number; isExact: boolean };
  canUse: boolean;
  reason: Reason | null;
  /** When it is possible again, where that is known. */
  again: string | null;
  outletCount: number;
  nearest: NearestOutlet | null;
};

export type CatalogueRow = { item: CatalogueItem; districtIds: number[]; homeDistrictId: number };

export type Asked = { near: Position | undefined; district: number | undefined };

/** Every benefit not yet over, usable and near ones first; no row for who is no member. */
export function readCatalogue(sql: Sql, actor: Actor, asked: Asked) {
  return sql<CatalogueRow[]>`
    select ${item(sql)} as item, to_jsonb(c.district_ids) as "districtIds",
      c.home_district_id as "homeDistrictId"
    from ${catalogue(sql, actor, asked, null)} c`;
}

export type BenefitOutlet = NearestOutlet & {
  addressZh: string;
  addressEn: string;
  latitude: number;
  longitude: number;
  hours: OpeningHours;
};

export type BenefitPage = CatalogueItem & { outlets: BenefitOutlet[] };

/** One benefit with the outlets that give it now: the nearest first, else those of the district asked for or of the member's own. */
export async function readBenefit(
  sql: Sql,
  actor: Actor,
  asked: Asked,
  id: number,
): Promise<BenefitPage | undefined> {
  const { near, district = null } = asked;
  const [row] = await sql<{ page: BenefitPage }[]>`
    select ${item(sql)} || jsonb_build_object('outlets', coalesce((
      select jsonb_agg(
        jsonb_build_object(
          'id', t.id, 'nameZh', t.name_zh, 'nameEn', t.name_en,
          'addressZh', t.address_zh, 'addressEn', t.address_en,
          'districtZh', d.name_zh, 'districtEn', d.name_en,
          'latitude', t.latitude, 'longitude', t.longitude, 'hours', t.hours,
          'distanceMetres', metres
        )
        order by metres, t.district_id <> coalesce(${district}::int, c.home_district_id),
          d.district_code, t.id
      )
      from benefit b
      join benefit_partner admitted on admitted.benefit_id = b.id
      join partner p on p.id = admitted.partner_id
      join outlet t on t.partner_id = p.id and admission_refusal(p, admitted, t.id, clock()) is null
        and (t.closed_at is null or t.closed_at > clock())
        and (b.valid_districts is null or t.district_id = any (b.valid_districts))
      join trade_union d on d.id = t.district_id
      cross join lateral distance_metres(
        ${near?.latitude ?? null}::float8, ${near?.longitude ?? null}::float8,
        t.latitude, t.longitude
      ) metres
      where b.id = c.id
    ), '[]')) as page
    from ${catalogue(sql, actor, asked, id)} c`;
  return row?.page;
}

const catalogue = (
  sql: Sql,
  { userId, sessionAt }: Actor,
  { near, district }: Asked,
  id: number | null,
) => sql`
  catalogue(
    ${userId}::text, ${sessionAt}::timestamptz, ${id}::int,
    ${near?.latitude ?? null}::float8, ${near?.longitude ?? null}::float8,
    ${district ?? null}::int
  )`;

const item = (sql: Sql) => sql`
  jsonb_build_object(
    'id', c.id, 'kind', c.kind, 'titleZh', c.title_zh, 'titleEn', c.title_en,
    'summaryZh', c.summary_zh, 'summaryEn', c.summary_en,
    'unionZh', c.union_zh, 'unionEn', c.union_en,
    'priceFen', c.price_fen, 'faceValueFen', c.face_value_fen,
    'startsAt', iso(c.starts_at), 'endsAt', iso(c.ends_at), 'weekdays', c.weekdays,
    'opensMinute', c.opens_minute, 'closesMinute', c.closes_minute, 'quantityMax', c.quantity_max,
    'limit', jsonb_build_object(
      'count', c.limit_count, 'period', c.limit_period, 'left', c.member_left,
      'days', (select b.limit_days from benefit b where b.id = c.id)
    ),
    'quota', jsonb_build_object(
      'left', case when c.places_left < 100 then c.places_left else c.places_left / 100 * 100 end,
      'isExact', c.places_left < 100
    ),
    'canUse', c.reason is null, 'reason', c.reason, 'again', c.again,
    'outletCount', c.outlet_count, 'nearest', c.nearest
  ) || (
    select jsonb_build_object(
      'claimKind', b.claim_kind, 'claimsOpenAt', iso(claims_open_at(b, t)),
      'coPaymentFen', co_payment_fen(b.funding, b.price_fen, 1)
    )
    from benefit b left join claim_terms t on t.benefit_id = b.id where b.id = c.id
  )`;

export type District = { id: number; code: string; nameZh: string; nameEn: string };

export function readDistricts(sql: Sql) {
  return sql<District[]>`
    select id, district_code as code, name_zh as "nameZh", name_en as "nameEn"
    from trade_union where level = 2 order by district_code`;
}
