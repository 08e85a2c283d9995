import { sql } from 'drizzle-orm';
import type { benefit } from '../../db/schema/benefits.ts';
import type { OfflineTerms } from '../../db/schema/leases.ts';
import { authority, refuse, signedIn } from '../authority.ts';
import type { Ctx } from '../context.ts';
import { publicKeys } from '../passes/public-keys.ts';
import { requireLive } from './posted.ts';

type Benefit = typeof benefit.$inferSelect;

export type BriefedBenefit = Pick<
  Benefit,
  | 'id'
  | 'kind'
  | 'titleZh'
  | 'titleEn'
  | 'priceFen'
  | 'faceValueFen'
  | 'quantityMax'
  | 'weekdays'
  | 'opensMinute'
  | 'closesMinute'
  | 'limitCount'
  | 'limitPeriod'
> & {
  startsAt: string;
  endsAt: string;
  /** What the member pays of one unit at the counter. */
  coPaymentFen: number;
  /** What one device may do without a network; null: this benefit needs one. */
  offline: Pick<OfflineTerms, 'cardUsesADay' | 'valueMaxFen' | 'hours'> | null;
};

type Known = {
  device: { id: number; name: string; revokedAt: string | null };
  outlet: {
    id: number;
    nameZh: string;
    nameEn: string;
    districtZh: string;
    districtEn: string;
  };
  benefits: BriefedBenefit[];
};

export type Briefing = Known & {
  serverTime: Date;
  keys: Awaited<ReturnType<typeof publicKeys>>;
};

/** What a device must know to scan without a network: its outlet's benefits, now and in the next three days, and the keys. */
export async function brief(c: Ctx, id: number): Promise<Briefing> {
  const [found] = await c.env.db.execute<Known & { serverTime: Date; revokedAt: Date | null }>(sql`
    select clock() as "serverTime", d.revoked_at as "revokedAt",
      jsonb_build_object('id', d.id, 'name', d.name, 'revokedAt', iso(d.revoked_at)) as device,
      jsonb_build_object('id', o.id, 'nameZh', o.name_zh, 'nameEn', o.name_en,
        'districtZh', h.name_zh, 'districtEn', h.name_en) as outlet,
      coalesce((
        select jsonb_agg(jsonb_build_object(
          'id', b.id, 'kind', b.kind, 'titleZh', b.title_zh, 'titleEn', b.title_en,
          'priceFen', coalesce(admitted.price_fen, b.price_fen), 'faceValueFen', b.face_value_fen,
          'coPaymentFen', co_payment_fen(b.funding, coalesce(admitted.price_fen, b.price_fen), 1), 'quantityMax', b.quantity_max,
          'startsAt', iso(b.starts_at), 'endsAt', iso(b.ends_at), 'weekdays', b.weekdays,
          'opensMinute', b.opens_minute, 'closesMinute', b.closes_minute,
          'limitCount', b.limit_count, 'limitPeriod', b.limit_period,
          'offline', case when y.benefit_id is not null then jsonb_build_object(
            'cardUsesADay', y.card_uses_a_day, 'valueMaxFen', y.value_max_fen, 'hours', y.hours) end
        ) order by b.ends_at, b.id)
        from benefit_partner admitted
          join benefit b on b.id = admitted.benefit_id
          left join offline_policy y on y.benefit_id = b.id and admitted.is_offline_allowed
        where admitted.partner_id = o.partner_id and b.paused_at is null and b.stage = 'published'
          and admitted.state = 'live' and company.paused_at is null and company.ended_at is null
          and (admitted.outlet_ids is null or o.id = any(admitted.outlet_ids))
          and (o.closed_at is null or o.closed_at > clock())
          and b.ends_at > clock() and b.starts_at < clock() + interval '3 days'
          and (b.valid_districts is null or o.district_id = any(b.valid_districts))
      ), '[]') as benefits
    from device d
      join outlet o on o.id = d.outlet_id
      join partner company on company.id = o.partner_id
      join trade_union h on h.id = o.district_id
    where d.id = ${id} and exists (
      select from ${authority(signedIn(c))} me
      where me.role in ('operator', 'manager') and d.outlet_id = any(me.outlet_ids))`);
  if (!found) return refuse(c);
  const { revokedAt, ...known } = found;
  requireLive(revokedAt);
  return { ...known, keys: await publicKeys(c.env.sql) };
}
