import type { Sql } from '../../db/client.ts';
import type { Actor } from '../caller.ts';

export type TodayItem = {
  id: string;
  at: string;
  benefit: { titleZh: string; titleEn: string };
  quantity: number;
  priceFen: number;
  /** What the member paid at the counter. */
  coPaymentFen: number;
  reversedAt: string | null;
  canReverse: boolean;
  maskedName: string;
  cardKind: 'phone' | 'printed' | 'proxy';
};

/**
 * Sums of the local day, without what was undone. The items are the latest hundred, undone ones among them, and what can
 * still be undone stays listed over midnight.
 */
export type Today = { count: number; quantity: number; amountFen: number; items: TodayItem[] };

/** Undefined when the caller may not scan at this outlet. */
export async function readToday(
  sql: Sql,
  { userId, sessionAt, secondFactorAt }: Actor,
  outlet: number,
): Promise<Today | undefined> {
  const [today] = await sql<Today[]>`
    with mine as materialized (
      select from authority(${userId}::text, ${sessionAt}::timestamptz, ${secondFactorAt}::timestamptz)
      where role in ('operator', 'manager') and ${outlet}::int = any (outlet_ids)
      limit 1
    ),
    shown as materialized (
      select r.*, paid_fen(r), r.at >= period_start('day', clock()) as is_of_today
      from redemption r
      -- By the hour for the index, since a scan is booked within minutes; by the booking for the undo.
      where r.outlet_id = ${outlet}
        and r.at >= least(period_start('day', clock()), clock() - interval '1 hour')
        and r.at < period_end('day', clock())
        and (
          r.at >= period_start('day', clock()) or r.booked_at >= clock() - interval '15 minutes'
        )
    )
    select sums.*, items.* from mine
    cross join lateral (
      select count(*)::int as count, coalesce(sum(quantity), 0)::int as quantity,
        coalesce(sum(paid_fen), 0)::bigint as "amountFen"
      from shown where is_of_today and reversed_at is null
    ) sums
    cross join lateral (
      select coalesce(jsonb_agg(jsonb_build_object(
        'id', r.id, 'at', iso(r.at),
        'benefit', jsonb_build_object('titleZh', b.title_zh, 'titleEn', b.title_en),
        'quantity', r.quantity, 'priceFen', r.price_fen,
        'coPaymentFen', r.co_payment_fen, 'reversedAt', iso(r.reversed_at),
        'canReverse', r.reversed_at is null and r.booked_at >= clock() - interval '15 minutes',
        'maskedName', masked_name(m.name), 'cardKind', c.kind
      ) order by r.at desc, r.id desc), '[]') as items
      from (select * from shown order by at desc, id desc limit 100) r
      join benefit b on b.id = r.benefit_id
      join member m on m.cell = r.cell and m.id = r.member_id
      join card c on c.cell = r.cell and c.number = r.card_number
    ) items`;
  return today;
}
