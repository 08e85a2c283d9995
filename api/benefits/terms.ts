import * as z from 'zod';
import { benefit } from '../../db/schema/benefits.ts';
import { offlinePolicy, type OfflineTerms } from '../../db/schema/leases.ts';
import { instant, integer, text } from '../validate.ts';
import { funding } from './funding.ts';

const ids = (max: number) =>
  z
    .array(integer(1))
    .min(1)
    .max(max)
    .refine((list) => new Set(list).size === list.length, 'holds the same id twice');

const moment = instant.transform((value) => new Date(value).toISOString());

const age = integer(0, 150);

const audience = z.strictObject({
  districts: ids(100).exactOptional(),
  unions: ids(500).exactOptional(),
  age: z
    .strictObject({ min: age.exactOptional(), max: age.exactOptional() })
    .refine(({ min = 0, max = 150 }) => min <= max, 'min is above max')
    .exactOptional(),
  tags: z.array(text(40)).min(1).max(50).exactOptional(),
});

const offline: z.ZodType<OfflineTerms> = z.strictObject({
  units: integer(1, 10_000),
  hours: integer(1, 72),
  cardUsesADay: integer(1, 100),
  valueMaxFen: integer(0, 100_000_000),
  variancePayer: z.enum(offlinePolicy.variancePayer.enumValues),
});

const fields = {
  kind: z.enum(benefit.kind.enumValues),
  titleZh: text(60),
  titleEn: text(120),
  summaryZh: text(500),
  summaryEn: text(1000),
  priceFen: integer(0, 100_000_000),
  faceValueFen: integer(0, 100_000_000),
  startsAt: moment,
  endsAt: moment,
  weekdays: z
    .array(integer(1, 7))
    .min(1)
    .max(7)
    .refine((days) => new Set(days).size === days.length, 'holds the same day twice'),
  opensMinute: integer(0, 1439),
  closesMinute: integer(1, 1440),
  audience,
  validDistricts: ids(100).nullable(),
  quantityMax: integer(1, 100),
  limitCount: integer(1, 10_000),
  limitPeriod: z.enum(benefit.limitPeriod.enumValues),
  limitDays: integer(1, 366).nullable(),
  limitFamily: z.boolean(),
  printedLimit: integer(0, 100),
  quotaPeriod: z.enum(benefit.quotaPeriod.enumValues),
  funding: funding.nullable(),
  cap: integer(0, 1_000_000_000).nullable(),
  offline: offline.nullable(),
};

export type Terms = z.output<z.ZodObject<typeof fields>>;

export const fieldNames = Object.keys(fields) as (keyof Terms)[];

/**
 * A new benefit: all its terms, and why it is made. It is for online use alone and paid by its own union, its limit is
 * one person's, its places are for the whole, and it is published at once, unless said otherwise.
 */
export const newTerms = z
  .strictObject({
    ...fields,
    limitDays: fields.limitDays.default(null),
    limitFamily: fields.limitFamily.default(false),
    printedLimit: fields.printedLimit.default(1),
    quotaPeriod: fields.quotaPeriod.default('total'),
    funding: fields.funding.default(null),
    offline: fields.offline.default(null),
    stage: z.enum(['draft', 'test', 'published']).default('published'),
    reason: text(200),
  })
  .superRefine((terms, ctx) => {
    for (const { field, message } of contradictions(terms)) {
      ctx.addIssue({ code: 'custom', path: [field], message });
    }
  });

export type NewTerms = z.output<typeof newTerms>;

/** The terms to change, why, and the version that was looked at. */
export const changedTerms = z
  .strictObject(fields)
  .exactPartial()
  .extend({
    version: integer(1),
    reason: text(200),
    /** For those above: whether only they may change it from now on. */
    isHeld: z.boolean().exactOptional(),
  });

export type TermsChange = z.output<typeof changedTerms>;

/** What each field allows by itself but the fields together do not. */
export function contradictions(terms: Terms): { field: keyof Terms; message: string }[] {
  const found: { field: keyof Terms; message: string }[] = [];
  if (terms.faceValueFen < terms.priceFen)
    found.push({ field: 'faceValueFen', message: 'is below the price' });
  if (Date.parse(terms.endsAt) <= Date.parse(terms.startsAt))
    found.push({ field: 'endsAt', message: 'is not after the start' });
  if (terms.closesMinute <= terms.opensMinute)
    found.push({ field: 'closesMinute', message: 'is not after the opening' });
  if ((terms.limitPeriod === 'rolling') !== (terms.limitDays !== null))
    found.push({ field: 'limitDays', message: 'goes with a rolling limit, and only with it' });
  if (terms.offline && terms.offline.valueMaxFen < terms.priceFen)
    found.push({ field: 'offline', message: 'allows less at once than one unit costs' });
  return found;
}
