import { Hono } from 'hono';
import * as z from 'zod';
import type { Env } from '../context.ts';
import { integer, numberInUrl, text, validate } from '../validate.ts';
import { listAllocations } from './list.ts';
import { setCap } from './set-cap.ts';

const id = validate('param', z.strictObject({ id: numberInUrl() }));
const place = validate(
  'param',
  z.strictObject({ id: numberInUrl(), pool: z.union([z.literal('shared'), numberInUrl()]) }),
);
const cap = validate('json', z.strictObject({ cap: integer(0, 1_000_000_000), reason: text(200) }));

export const allocations = new Hono<Env>()
  .get('/benefits/:id/allocations', id, async (c) =>
    c.json(await listAllocations(c, c.req.valid('param').id), 200),
  )
  .put('/benefits/:id/allocations/:pool', place, cap, async (c) => {
    const { id: benefitId, pool } = c.req.valid('param');
    return c.json(await setCap(c, benefitId, pool, c.req.valid('json')), 200);
  });
