import * as z from 'zod';
import { integer, text } from '../validate.ts';

const outletIds = z
  .array(integer(1))
  .min(1)
  .max(500)
  .refine((list) => new Set(list).size === list.length, 'holds the same id twice')
  .nullable();

/** On what terms a partner gives a benefit; what is left out is the benefit's own, without a bound. */
export const admissionTerms = z.strictObject({
  priceFen: integer(0, 100_000_000).nullable().default(null),
  capADay: integer(1, 1_000_000).nullable().default(null),
  cap: integer(0, 1_000_000_000).nullable().default(null),
  outletIds: outletIds.default(null),
  isOfflineAllowed: z.boolean().default(true),
  reason: text(200),
});

export type AdmissionTerms = Omit<z.output<typeof admissionTerms>, 'reason'>;

/** What a proposal keeps of them until it is confirmed. */
export const admissionPayload = z.object({
  benefitId: z.int(),
  partnerId: z.int(),
  terms: admissionTerms.omit({ reason: true }),
});
