import { sql } from 'drizzle-orm';
import { refuse, signedIn } from '../authority.ts';
import type { Ctx } from '../context.ts';
import { byteOrderMark, csv } from '../csv.ts';
import { offices } from '../unions/office.ts';

/** How an offer goes, for who makes it; nobody is named. */
export type OfferUsage = {
  /** What could be taken in all, what is taken, and what of that was used: its code given, or the card shown. */
  stock: number;
  claimed: number;
  used: number;
  /** How many codes it has, and how many of them no claim has; null where the card is shown. */
  codes: { all: number; free: number } | null;
  /** What a member pays for one, and what everybody else does. */
  memberFen: number;
  faceValueFen: number;
  /** What the members have saved by what was used. */
  savedFen: number;
  /** The days on which something was claimed or used, the earliest first; those of a year. */
  days: { day: string; claimed: number; used: number }[];
  today: string;
};

export async function showUsage(c: Ctx, benefitId: number): Promise<OfferUsage> {
  const [found] = await c.env.db.execute<OfferUsage>(sql`
    with office as materialized (${offices(signedIn(c))}),
      offer as materialized (
        select b.*, exists (select from offer_code k where k.benefit_id = b.id) as has_codes,
          co_payment_fen(b.funding, b.price_fen, 1)::int as member_fen
        from benefit b join trade_union u on u.id = b.union_id
        where b.id = ${benefitId} and b.claim_kind = 'offer'
          and exists (select from office o where o.union_id = any(u.path))
      ),
      taken as (
        select local_day(k.made_at) as day, k.quantity as claimed, 0 as used
        from offer b join claim k on k.benefit_id + 0 = b.id
        where k.state in ('asked', 'held', 'offered', 'confirmed', 'used', 'no_show')
      ),
      redeemed as (
        select local_day(r.at) as day, 0, r.quantity::int
        from offer b join redemption r on r.benefit_id = b.id
        where r.reversed_at is null and not b.has_codes
        union all
        select local_day(k.attended_at), 0, k.used::int
        from offer b join claim k on k.benefit_id + 0 = b.id
        where k.attended_at is not null and not b.has_codes
        union all
        select local_day(o.given_at), 0, 1
        from offer b join offer_code o on o.benefit_id = b.id
        where o.given_at is not null
      ),
      day as (
        select x.day, sum(x.claimed)::int as claimed, sum(x.used)::int as used
        from (table taken union all table redeemed) x
        group by x.day
      ),
      total as (select coalesce(sum(claimed), 0)::int as claimed, coalesce(sum(used), 0)::int as used from day)
    select
      coalesce(
        (select sum(s.cap) from session s where s.benefit_id = b.id and s.cancelled_at is null),
        (select sum(a.cap) from allocation a where a.benefit_id = b.id), 0
      )::int as stock,
      total.claimed, total.used,
      case when b.has_codes then (
        select jsonb_build_object('all', count(*), 'free', count(*) filter (where k.claim_id is null))
        from offer_code k where k.benefit_id = b.id) end as codes,
      b.member_fen as "memberFen", b.face_value_fen as "faceValueFen",
      total.used::bigint * (b.face_value_fen - b.member_fen) as "savedFen",
      coalesce((
        select jsonb_agg(jsonb_build_object('day', d.day, 'claimed', d.claimed, 'used', d.used)
          order by d.day)
        from day d where d.day > local_day(clock()) - 366), '[]') as days,
      local_day(clock())::text as today
    from offer b cross join total`);
  return found ?? refuse(c);
}

/** The same as a table: day, claimed, used, and what the members saved, in yuan. */
export function usageFile({ days, memberFen, faceValueFen }: OfferUsage): string {
  const rows = days.map(({ day, claimed, used }) => [
    day,
    claimed,
    used,
    ((used * (faceValueFen - memberFen)) / 100).toFixed(2),
  ]);
  return byteOrderMark + csv([['day', 'claimed', 'used', 'saved_yuan'], ...rows]);
}
