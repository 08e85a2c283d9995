import { sql } from 'drizzle-orm';
import { refuse } from '../authority.ts';
import type { Cursor } from '../cursor.ts';
import type { Ctx } from '../context.ts';
import { managed } from '../operators/managed.ts';
import { named, type Named } from '../unions/named.ts';

export type Taking = {
  id: string;
  at: Date;
  bookedAt: Date;
  reversedAt: Date | null;
  benefit: { id: number; titleZh: string; titleEn: string };
  outlet: Named;
  quantity: number;
  priceFen: number;
  /** What the unions owe the partner for it. */
  owedFen: number;
  /** What the member paid at the counter. */
  coPaymentFen: number;
  isVariance: boolean;
};

export type TakingFilter = {
  from?: string;
  to?: string;
  outlet?: number;
  benefit?: number;
  state?: 'booked' | 'reversed';
};

export type TakingPage = { redemptions: Taking[]; next: Cursor | null };

/**
 * What a partner redeemed, newest first, for its manager: never whose card it was. Reads each outlet's newest rows off
 * its index and merges them. Amounts are the ledger's: what went into what the unions owe, and over the counter.
 */
export async function listTakings(
  c: Ctx,
  partnerId: number,
  filter: TakingFilter,
  limit: number,
  after?: Cursor,
): Promise<TakingPage> {
  const { from = null, to = null, outlet = null, benefit = null, state = null } = filter;
  const place =
    after && sql`'epoch'::timestamptz + ${after.micros}::bigint * interval '1 microsecond'`;
  const rows = await c.env.db.execute<(Taking & { micros: number }) | { id: null }>(sql`
    with mine as materialized (
      select id from partner where id = ${partnerId} and id in (${managed(c)}))
    select r.id, r.at, r.booked_at as "bookedAt", r.reversed_at as "reversedAt",
      jsonb_build_object('id', b.id, 'titleZh', b.title_zh, 'titleEn', b.title_en) as benefit,
      ${named('o')} as outlet, r.quantity, r.price_fen as "priceFen",
      paid.owed as "owedFen", paid.counter as "coPaymentFen", r.variance is not null as "isVariance",
      (extract(epoch from r.at) * 1000000)::bigint as micros
    from mine
      left join (
        outlet o cross join lateral (
          select * from redemption r
          where r.outlet_id = o.id
            and (${from}::date is null or r.at >= ${from}::timestamp at time zone 'Asia/Shanghai')
            and (${to}::date is null
              or r.at < (${to}::timestamp + interval '1 day') at time zone 'Asia/Shanghai')
            and (${benefit}::int is null or r.benefit_id = ${benefit})
            and (${state}::text is null or (r.reversed_at is null) = (${state} = 'booked'))
            and ${place && after ? sql`r.at <= ${place} and (r.at, r.id) < (${place}, ${after.id}::uuid)` : sql`true`}
          order by r.at desc, r.id desc
          limit ${limit + 1}) r
        join benefit b on b.id = r.benefit_id
        cross join lateral (
          select coalesce(sum(t.amount_fen) filter (where a.kind = 'payable'), 0)::bigint as owed,
            coalesce(sum(t.amount_fen) filter (where a.kind = 'counter' and m.kind = 'members'), 0)::bigint
              as counter
          from transfer t
            join account a on a.id = t.payee_id
            join account m on m.id = t.payer_id
          where t.cell = r.cell and t.redemption_id = r.id and t.kind = 'redemption') paid
      ) on o.partner_id = mine.id and (${outlet}::int is null or o.id = ${outlet})
    order by r.at desc nulls last, r.id desc
    limit ${limit + 1}`);
  if (rows.length === 0) await refuse(c);
  const found = rows.filter((row) => row.id !== null);
  const page = found.slice(0, limit);
  const last = page.at(-1);
  return {
    redemptions: page.map(({ micros: _micros, ...row }) => ({
      ...row,
      owedFen: row.reversedAt === null ? row.owedFen : 0,
      coPaymentFen: row.reversedAt === null ? row.coPaymentFen : 0,
    })),
    next: found.length > limit && last ? { micros: last.micros, id: last.id } : null,
  };
}
