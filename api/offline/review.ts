import { sql } from 'drizzle-orm';
import { authority, refuse, signedIn } from '../authority.ts';
import { type Cursor, encodeCursor } from '../cursor.ts';
import type { Ctx } from '../context.ts';
import { named, type Named } from '../unions/named.ts';

export type ReviewItem = {
  device: { id: number; name: string };
  seq: number;
  hash: string;
  outlet: Named;
  partner: Named;
  /** Null when the scan cannot be read. */
  benefit: { id: number; titleZh: string; titleEn: string } | null;
  quantity: number | null;
  scannedAt: Date | null;
  receivedAt: Date;
  verdict: 'duplicate' | 'over_limit' | 'needs_review';
  reason: string;
  /** The use that a duplicate repeats. */
  first: {
    at: string;
    outletZh: string;
    outletEn: string;
    districtZh: string;
    districtEn: string;
  } | null;
  amountFen: number | null;
  /** Who bears it as it stands; null while nothing is booked for it. */
  payer: 'union' | 'district' | 'partner' | null;
  decision: 'pay' | 'reject' | null;
  decidedAt: Date | null;
  decisionReason: string | null;
  canDecide: boolean;
};

export type ReviewFilter = {
  state?: 'open' | 'decided';
  verdict?: ReviewItem['verdict'];
  /** Owned by this union or one below it. */
  union?: number;
  cursor?: Cursor;
  limit: number;
};

/** The cursor's id: device, seq and the first digits of the hash. */
export const reviewId = /^\d{1,10}\.\d{1,10}\.[0-9a-f]{16}$/;

/**
 * Offline uses that somebody should look at, newest first: for officers those that a union of their scope owns, for a
 * manager those of his partners' devices. Nothing tells who the member is.
 */
export async function listReview(
  c: Ctx,
  { state, verdict, union, cursor, limit }: ReviewFilter,
): Promise<{ items: ReviewItem[]; next: string | null }> {
  const actor = signedIn(c);
  const rows = await c.env.db.execute<ReviewItem & { micros: number }>(sql`
    with me as materialized (
      select role, partner_id, union_id from ${authority(actor)}
      where role = 'manager' or role_may(role, 'read')),
    -- The page first: what it takes to tell more of a row is only done for these.
    page as materialized (
      select i.*, u.path
      from offline_item i
        join trade_union u on u.id = i.union_id
        join device d on d.id = i.device_id
        join outlet o on o.id = d.outlet_id
      where i.verdict in ('duplicate', 'over_limit', 'needs_review')
        and exists (
          select from me where me.partner_id = o.partner_id or me.union_id = any(u.path))
        and (${union ?? null}::int is null or ${union ?? null}::int = any(u.path))
        and (${verdict ?? null}::text is null or i.verdict = ${verdict ?? null}::text)
        and (${state ?? null}::text is null or (i.decision is null) = (${state ?? null}::text = 'open'))
        and ${isAfter(cursor)}
      order by i.received_at desc, i.device_id desc, i.seq desc, left(i.hash, 16) desc
      limit ${limit + 1}
    )
    select jsonb_build_object('id', d.id, 'name', d.name) as device, i.seq, i.hash,
      ${named('o')} as outlet, ${named('p')} as partner,
      case when b.id is not null then
        jsonb_build_object('id', b.id, 'titleZh', b.title_zh, 'titleEn', b.title_en) end as benefit,
      i.quantity, i.scanned_at as "scannedAt", i.received_at as "receivedAt", i.verdict, i.reason,
      first.use as first,
      i.quantity::bigint * coalesce(r.price_fen, b.price_fen) as "amountFen",
      case
        when r.id is null or r.reversed_at is not null then null
        when payer.union_id is null then 'partner'
        when payer.union_id = b.union_id then 'union'
        else 'district'
      end as payer,
      i.decision, i.decided_at as "decidedAt", i.decision_reason as "decisionReason",
      i.decision is null and exists (
        select from me where role_may(me.role, 'operate') and me.union_id = any(i.path)) as "canDecide",
      (extract(epoch from i.received_at) * 1000000)::bigint as micros
    from page i
      join device d on d.id = i.device_id
      join outlet o on o.id = d.outlet_id
      join partner p on p.id = o.partner_id
      left join benefit b on b.id = i.benefit_id
      left join redemption r on r.cell = i.cell and r.id = i.redemption_id
      left join lateral (
        select a.union_id
        from transfer t join account a on a.id = t.payer_id
        where t.cell = r.cell and t.redemption_id = r.id and t.kind = 'redemption'
          and not exists (
            select from transfer back
            where back.cell = t.cell and back.redemption_id = t.redemption_id
              and back.kind = 'reversal' and back.leg = t.leg)
      ) payer on true
      left join lateral (
        select jsonb_build_object('at', iso(f.at), 'outletZh', fo.name_zh, 'outletEn', fo.name_en,
          'districtZh', h.name_zh, 'districtEn', h.name_en) as use
        from redemption f
          join outlet fo on fo.id = f.outlet_id
          join trade_union h on h.id = fo.district_id
        where i.verdict = 'duplicate' and f.cell = r.cell and f.card_number = r.card_number
          and f.jti = r.jti and f.benefit_id = r.benefit_id and f.variance is null
      ) first on true
    order by i.received_at desc, i.device_id desc, i.seq desc, left(i.hash, 16) desc`);
  if (rows.length === 0) await requireReader(c);
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return {
    items: items.map(({ micros: _micros, ...item }) => item),
    next:
      rows.length > limit && last
        ? encodeCursor({
            micros: last.micros,
            id: `${last.device.id}.${last.seq}.${last.hash.slice(0, 16)}`,
          })
        : null,
  };
}

function isAfter(cursor: Cursor | undefined) {
  if (!cursor) return sql`true`;
  const [device, seq, hash] = cursor.id.split('.');
  const at = sql`'epoch'::timestamptz + ${cursor.micros}::bigint * interval '1 microsecond'`;
  return sql`(i.received_at, i.device_id, i.seq, left(i.hash, 16))
    < (${at}, ${device}::bigint, ${seq}::bigint, ${hash}::text)`;
}

/** An empty list is an answer for whom it is for. */
async function requireReader(c: Ctx): Promise<void> {
  const found = await c.env.db.execute(sql`
    select from ${authority(signedIn(c))} where role = 'manager' or role_may(role, 'read') limit 1`);
  if (found.length === 0) await refuse(c);
}
