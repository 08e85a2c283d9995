import { Hono } from 'hono';
import * as z from 'zod';
import type { Env } from '../context.ts';
import { numberInUrl, validate } from '../validate.ts';
import { addCodes, codesForm } from './codes.ts';
import { showUsage, usageFile } from './usage.ts';

const id = validate('param', z.strictObject({ id: numberInUrl() }));

/** What a company gives the members for less: its codes, and how it goes. */
export const offers = new Hono<Env>()
  .post('/benefits/:id/codes', id, validate('json', codesForm), async (c) =>
    c.json(await addCodes(c, c.req.valid('param').id, c.req.valid('json')), 200),
  )
  .get('/benefits/:id/usage', id, async (c) =>
    c.json(await showUsage(c, c.req.valid('param').id), 200),
  )
  .get('/benefits/:id/usage.csv', id, async (c) => {
    const { id: benefit } = c.req.valid('param');
    return c.body(usageFile(await showUsage(c, benefit)), 200, {
      'Content-Type': 'text/csv; charset=utf-8',
      'Content-Disposition': `attachment; filename="offer-${benefit}.csv"`,
    });
  });
