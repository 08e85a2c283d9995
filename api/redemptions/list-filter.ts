import { type SQL, sql } from 'drizzle-orm';
import * as z from 'zod';
import { localDay, numberInUrl } from '../validate.ts';

export const redemptionFilter = {
  from: localDay.exactOptional(),
  to: localDay.exactOptional(),
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

export type RedemptionFilter = z.output<z.ZodObject<typeof redemptionFilter>>;

/** The filter over redemption `r`, its allocation `a` and its outlet `o`. */
export function wanted(filter: RedemptionFilter): SQL {
  const { from, to, union, benefit, district, host, partner, outlet, state } = filter;
  const parts = [
    from && sql`r.at >= day_begin(${from})`,
    to && sql`r.at < day_begin(${to}::date + 1)`,
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
