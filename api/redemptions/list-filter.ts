import { type SQL, sql } from 'drizzle-orm';
import * as z from 'zod';
import { numberInUrl } from '../validate.ts';

/** A local date in Asia/Shanghai; `to` is still part of the period. */
const date = z.iso.date().refine((day) => /^20\d\d-/.test(day), 'must be a date of 2000 to 2099');

export const redemptionFilter = {
  from: date.exactOptional(),
  to: date.exactOptional(),
  /** Paid for or hosted by this union or one below it. */
  union: numberInUrl().exactOptional(),
  benefit: numberInUrl().exactOptional(),
  /** The member's home district at the scan, or whatever was charged to the shared pool. */
  district: z.union([z.literal('shared'), numberInUrl()]).exactOptional(),
  /** The district of the outlet. */
  host: numberInUrl().exactOptional(),
  partner: numberInUrl().exactOptional(),
  outlet: numberInUrl().exactOptional(),
  state: z.enum(['booked', 'reversed']).exactOptional(),
};

export const inOrder = <Filter extends z.ZodType<{ from?: string; to?: string }>>(filter: Filter) =>
  filter.refine(({ from = '', to = from }) => from <= to, {
    path: ['from'],
    message: 'must not be after "to"',
  });

export type RedemptionFilter = z.output<z.ZodObject<typeof redemptionFilter>>;

/** The filter over redemption `r`, its allocation `a` and its outlet `o`. */
export function wanted(filter: RedemptionFilter): SQL {
  const { from, to, union, benefit, district, host, partner, outlet, state } = filter;
  const parts = [
    from && sql`r.at >= ${from}::timestamp at time zone 'Asia/Shanghai'`,
    to && sql`r.at < (${to}::timestamp + interval '1 day') at time zone 'Asia/Shanghai'`,
    union !== undefined &&
      sql`exists (
        select from trade_union u where u.id in (a.union_id, o.district_id) and ${union} = any(u.path))`,
    benefit !== undefined && sql`r.benefit_id = ${benefit}`,
    district !== undefined &&
      (district === 'shared'
        ? sql`a.district_id is null`
        : sql`coalesce(
            (select u.district_id from trade_union u where u.id = r.union_id), a.district_id
          ) = ${district}`),
    host !== undefined && sql`o.district_id = ${host}`,
    partner !== undefined && sql`o.partner_id = ${partner}`,
    outlet !== undefined && sql`r.outlet_id = ${outlet}`,
    state && sql`(r.reversed_at is null) = ${state === 'booked'}`,
  ];
  return sql.join([sql`true`, ...parts.filter((part) => typeof part === 'object')], sql` and `);
}
