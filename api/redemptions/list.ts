import { sql } from 'drizzle-orm';
import { signedIn } from '../authority.ts';
import type { Cursor } from '../cursor.ts';
import type { Ctx } from '../context.ts';
import type { OfflineReason } from '../../db/schema/offline-reasons.ts';
import type { Reason } from '../errors.ts';
import { named, type Named } from '../unions/named.ts';
import { offices, requireOffice } from '../unions/office.ts';
import { type RedemptionFilter, wanted } from './list-filter.ts';

export type RedemptionView = {
  id: string;
  at: Date;
  bookedAt: Date;
  reversedAt: Date | null;
  benefit: { id: number; titleZh: string; titleEn: string };
  /** That of the member's union at the scan; null: nobody knows it any more. */
  homeDistrict: Named | null;
  /** Charged to the shared places, not to those of a district. */
  isShared: boolean;
  hostDistrict: Named;
  partner: Named;
  outlet: Named;
  quantity: number;
  /** Why it was one use too many, found out when an offline phone uploaded it; null as a rule. */
  variance: Reason | OfflineReason | null;
  priceFen: number;
  /** What the partner is paid; nothing for a use too many that it bears itself. */
  amountFen: number;
  /** What showed the code: the member's own phone, a card on paper, or the phone of who acts for him. */
  cardKind: 'phone' | 'printed' | 'proxy';
  canReverse: boolean;
};

export type RedemptionPage = { redemptions: RedemptionView[]; next: Cursor | null };

/**
 * Redemptions that a union of the caller's scope pays for or that took place in its district, newest first. Nothing in a
 * row tells who the member is (decision 15). Reads each benefit's newest rows off its index and merges them, so a page
 * costs the same however many redemptions there are.
 */
export async function listRedemptions(
  c: Ctx,
  filter: RedemptionFilter,
  limit: number,
  after?: Cursor,
): Promise<RedemptionPage> {
  const actor = signedIn(c);
  const rows = await c.env.db.execute<RedemptionView & { micros: number }>(sql`
    with office as materialized (${offices(actor)}),
      paid as materialized (
        select a.id, bool_or(role_may(f.role, 'operate')) as administers
        from allocation a join trade_union u on u.id = a.union_id join office f on f.union_id = any(u.path)
        group by a.id),
      hosted as materialized (
        select o.id, bool_or(role_may(f.role, 'operate')) as administers
        from outlet o join trade_union u on u.id = o.district_id join office f on f.union_id = any(u.path)
        group by o.id)
    select r.id, r.at, r.booked_at as "bookedAt", r.reversed_at as "reversedAt",
      jsonb_build_object('id', b.id, 'titleZh', b.title_zh, 'titleEn', b.title_en) as benefit,
      case when d.id is not null then ${named('d')} end as "homeDistrict", a.district_id is null as "isShared",
      ${named('h')} as "hostDistrict",
      ${named('p')} as partner, ${named('o')} as outlet, r.quantity, r.price_fen as "priceFen",
      r.variance, r.paid_fen as "amountFen", k.kind as "cardKind",
      r.reversed_at is null and (coalesce(paid.administers, false) or coalesce(hosted.administers, false))
        as "canReverse",
      (extract(epoch from r.at) * 1000000)::bigint as micros
    from benefit b
      cross join lateral (
        select r.*, paid_fen(r)
        from redemption r
          join allocation a on a.id = r.allocation_id
          join outlet o on o.id = r.outlet_id
        where r.benefit_id = b.id
          and (r.allocation_id in (select id from paid) or r.outlet_id in (select id from hosted))
          and ${wanted(filter)}
          and ${isAfter(after)}
        order by r.at desc, r.id desc
        limit ${limit + 1}) r
      join allocation a on a.id = r.allocation_id
      left join trade_union m on m.id = r.union_id
      left join trade_union d on d.id = coalesce(m.district_id, a.district_id)
      join outlet o on o.id = r.outlet_id
      join trade_union h on h.id = o.district_id
      join partner p on p.id = o.partner_id
      join card k on k.cell = r.cell and k.number = r.card_number
      left join paid on paid.id = r.allocation_id
      left join hosted on hosted.id = r.outlet_id
    order by r.at desc, r.id desc
    limit ${limit + 1}`);
  if (rows.length === 0) await requireOffice(c, actor);
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    redemptions: page.map(({ micros: _micros, ...row }) => row),
    next: rows.length > limit && last ? { micros: last.micros, id: last.id } : null,
  };
}

/** The bound on `at` alone is what the index can use. */
function isAfter(cursor: Cursor | undefined) {
  if (!cursor) return sql`true`;
  const at = sql`'epoch'::timestamptz + ${cursor.micros}::bigint * interval '1 microsecond'`;
  return sql`r.at <= ${at} and (r.at, r.id) < (${at}, ${cursor.id}::uuid)`;
}
