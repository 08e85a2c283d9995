import { Hono } from 'hono';
import * as z from 'zod';
import type { Env } from '../context.ts';
import { contentLengthMax } from '../passes/content.ts';
import { integer, validate } from '../validate.ts';
import { scan } from './scan.ts';

const outlet = integer(1);
const typedLengthMax = 64;

export const scans = new Hono<Env>().post(
  '/scans',
  validate(
    'json',
    z.union([
      z.strictObject({ pass: z.string().min(1).max(contentLengthMax), outlet }),
      z.strictObject({ code: z.string().min(1).max(typedLengthMax), outlet }),
    ]),
  ),
  async (c) => {
    const body = c.req.valid('json');
    c.header('Cache-Control', 'no-store');
    return c.json(await scan(c, body, body.outlet), 200);
  },
);
