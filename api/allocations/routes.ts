import { Hono } from 'hono';
import * as z from 'zod';
import type { Env } from '../context.ts';
import { instant, integer, numberInUrl, text, validate } from '../validate.ts';
import { copyMonth } from './copy-month.ts';
import { listAllocations } from './list.ts';
import { openPlaces } from './open-places.ts';
import { capMax } from './places.ts';
import { setCap } from './set-cap.ts';
import { topUp } from './top-up.ts';

const units = integer(0, capMax);
const reason = text(200);
const month = z.string().regex(/^20\d\d-(0[1-9]|1[0-2])$/, 'must be a month such as 2026-11');
const ofMonth = month.nullable().default(null);
const id = validate('param', z.strictObject({ id: numberInUrl() }));
const place = validate(
  'param',
  z.strictObject({ id: numberInUrl(), pool: z.union([z.literal('shared'), numberInUrl()]) }),
);
const home = validate('param', z.strictObject({ id: numberInUrl(), pool: numberInUrl() }));
const cap = validate('json', z.strictObject({ cap: units, month: ofMonth, reason }));
const more = validate('json', z.strictObject({ units, month: ofMonth, reason }));
const copy = validate('json', z.strictObject({ from: month, month, reason }));
const opening = validate(
  'json',
  z.strictObject({
    from: integer(1),
    to: z.union([z.literal('shared'), integer(1)]),
    units: integer(1, capMax),
    month: ofMonth,
    returnsAt: instant.transform((value) => new Date(value).toISOString()),
    reason,
  }),
);

export const allocations = new Hono<Env>()
  .get(
    '/benefits/:id/allocations',
    id,
    validate('query', z.strictObject({ month: month.optional() })),
    async (c) =>
      c.json(await listAllocations(c, c.req.valid('param').id, c.req.valid('query').month), 200),
  )
  .put('/benefits/:id/allocations/:pool', place, cap, async (c) => {
    const { id: benefitId, pool } = c.req.valid('param');
    const set = await setCap(c, benefitId, pool, c.req.valid('json'));
    return 'proposal' in set ? c.json(set, 202) : c.json(set, 200);
  })
  .put('/benefits/:id/allocations/:pool/top-up', home, more, async (c) => {
    const { id: benefitId, pool } = c.req.valid('param');
    const set = await topUp(c, benefitId, pool, c.req.valid('json'));
    return 'proposal' in set ? c.json(set, 202) : c.json(set, 200);
  })
  .post('/benefits/:id/allocation-copies', id, copy, async (c) => {
    const done = await copyMonth(c, c.req.valid('param').id, c.req.valid('json'));
    return 'proposal' in done ? c.json(done, 202) : c.json(done, 201);
  })
  .post('/benefits/:id/openings', id, opening, async (c) => {
    const done = await openPlaces(c, c.req.valid('param').id, c.req.valid('json'));
    return 'proposal' in done ? c.json(done, 202) : c.json(done, 201);
  });
