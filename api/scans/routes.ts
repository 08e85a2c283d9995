import { Hono } from 'hono';
import * as z from 'zod';
import type { Env } from '../context.ts';
import { integer, validate } from '../validate.ts';
import { scan } from './scan.ts';

/** People hold all kinds of codes before the camera, and no QR holds more than this. */
export const shown = z.string().min(1).max(7089);

/** As it stands on the ID card, which ends with a check digit that may be X. */
export const idLastFour = z
  .string()
  .regex(/^[0-9]{3}[0-9Xx]$/, 'must be the last four characters of the ID card')
  .transform((value) => value.toUpperCase());

export const scans = new Hono<Env>().post(
  '/scans',
  validate(
    'json',
    z
      .strictObject({
        pass: shown.optional(),
        code: shown.optional(),
        outlet: integer(1),
        idLastFour: idLastFour.optional(),
      })
      .refine(({ pass, code }) => (pass === undefined) !== (code === undefined), {
        path: ['pass'],
        message: 'send either a pass or a code',
      }),
  ),
  async (c) => {
    return c.json(await scan(c, c.req.valid('json')), 200);
  },
);
