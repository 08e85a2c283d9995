import * as z from 'zod';
import { partner } from '../../db/schema/partners.ts';
import { outletFields } from '../partners/outlet-fields.ts';
import { phoneNumber } from '../sessions/phone.ts';
import { integer, text } from '../validate.ts';
import { isLicence } from './licence.ts';

const outletsMax = 50;

const fields = {
  districtId: integer(1),
  kind: z.enum(partner.kind.enumValues),
  nameZh: text(60),
  nameEn: text(120),
  licence: z
    .string()
    .max(40)
    .transform((written) => written.replace(/[\s-]/g, '').toUpperCase())
    .refine(isLicence, 'is not a unified social credit code'),
  contactName: text(40),
  contactPhone: phoneNumber,
  outlets: z.array(z.strictObject(outletFields)).min(1).max(outletsMax),
};

/** What a company says of itself when it applies. */
export const newApplication = z.strictObject(fields);

/** The same again, after it was asked back, over the version that it answers. */
export const answeredApplication = z.strictObject({ ...fields, version: integer(1) });

export type NewApplication = z.output<typeof newApplication>;
