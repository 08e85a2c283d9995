import { Hono } from 'hono';
import * as z from 'zod';
import type { Env } from '../context.ts';
import { integer, validate } from '../validate.ts';
import { scan } from './scan.ts';
import { idLastFour, shown } from './shown.ts';

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
