import * as z from 'zod';

export type Position = { latitude: number; longitude: number };

/** The header X-Near, `39.905,116.391`: never in a URL, never stored, and no finer than three decimals (100 m). */
export const nearHeader = z.object({
  'x-near': z
    .string()
    .regex(
      /^-?\d{1,2}(\.\d{1,3})?,-?\d{1,3}(\.\d{1,3})?$/,
      'must be "latitude,longitude", three decimals at most',
    )
    .transform((value): Position => {
      const [latitude = 0, longitude = 0] = value.split(',').map(Number);
      return { latitude, longitude };
    })
    .refine(({ latitude, longitude }) => Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180)
    .optional(),
});
