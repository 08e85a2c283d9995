import type { Sql } from '../../db/client.ts';
import type { Limit } from '../../db/schema/benefits.ts';

/** A redemption as its own member sees it. `left` is what is left to him, now, in the period it fell into. */
export type OwnRedemption = {
  id: string;
  at: string;
  bookedAt: string;
  benefit: { id: number; titleZh: string; titleEn: string };
  outlet: { nameZh: string; nameEn: string; districtZh: string; districtEn: string };
  quantity: number;
  /** What showed the code: his own phone, his card on paper, or the phone of who acts for him. */
  cardKind: 'phone' | 'printed' | 'proxy';
  left: Limit;
  reversedAt: string | null;
  /** He said that it was not his. */
  alerted: boolean;
};

/** That, as JSON, of the row `r` of `redemption`. */
export const ownRedemption = (sql: Sql) => sql`(
  select jsonb_build_object(
    'id', r.id, 'at', iso(r.at), 'bookedAt', iso(r.booked_at),
    'benefit', jsonb_build_object('id', b.id, 'titleZh', b.title_zh, 'titleEn', b.title_en),
    'outlet', jsonb_build_object(
      'nameZh', t.name_zh, 'nameEn', t.name_en, 'districtZh', d.name_zh, 'districtEn', d.name_en
    ),
    'quantity', r.quantity,
    'cardKind', c.kind,
    'left', jsonb_build_object(
      'count', greatest(0, limit_of(b, m.family_size, c.kind) - u.used), 'period', b.limit_period,
      'days', b.limit_days
    ),
    'reversedAt', iso(r.reversed_at),
    'alerted', exists (
      select from alert a
      where a.cell = r.cell and a.redemption_id = r.id and a.kind = 'not_me'
    )
  )
  from benefit b
  join outlet t on t.id = r.outlet_id
  join trade_union d on d.id = t.district_id
  join card c on c.cell = r.cell and c.number = r.card_number
  join member m on m.cell = r.cell and m.id = r.member_id
  cross join lateral member_uses(
    r.cell, r.member_id, b.id,
    limit_start(b.limit_period, b.limit_days, r.at), limit_end(b.limit_period, b.limit_days, r.at)
  ) u
  where b.id = r.benefit_id
)`;
