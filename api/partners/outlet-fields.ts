import * as z from 'zod';
import { integer, text } from '../validate.ts';

const day = z
  .strictObject({ opens: integer(0, 1439), closes: integer(1, 1440) })
  .refine(({ opens, closes }) => opens < closes, 'closes is not after opens')
  .nullable();

/** Monday first; null: shut. */
export const hours = z.array(day).length(7);

export const outletFields = {
  districtId: integer(1),
  nameZh: text(60),
  nameEn: text(120),
  addressZh: text(120),
  addressEn: text(200),
  latitude: z.number().min(-90).max(90),
  longitude: z.number().min(-180).max(180),
  hours,
};
