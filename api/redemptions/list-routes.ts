import { Hono } from 'hono';
import * as z from 'zod';
import type { Env } from '../context.ts';
import { cursor, encodeCursor, pageLimit } from '../cursor.ts';
import { inOrder, validate } from '../validate.ts';
import { exportRedemptions } from './list-csv.ts';
import { redemptionFilter } from './list-filter.ts';
import { listRedemptions } from './list.ts';

const id = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

const page = validate(
  'query',
  inOrder(
    z.strictObject({ ...redemptionFilter, cursor: cursor(id).exactOptional(), limit: pageLimit }),
  ),
);
const whole = validate(
  'query',
  inOrder(
    z.strictObject({ ...redemptionFilter, language: z.enum(['zh-CN', 'en']).default('zh-CN') }),
  ),
);

export const redemptionList = new Hono<Env>()
  .get('/redemptions', page, async (c) => {
    const { cursor: after, limit, ...filter } = c.req.valid('query');
    const { redemptions, next } = await listRedemptions(c, filter, limit, after);
    return c.json({ redemptions, next: next && encodeCursor(next) }, 200);
  })
  .get('/redemptions.csv', whole, async (c) => {
    const { language, ...filter } = c.req.valid('query');
    return c.body(await exportRedemptions(c, filter, language), 200, {
      'Content-Type': 'text/csv; charset=utf-8',
      'Content-Disposition': 'attachment; filename="redemptions.csv"',
      'Cache-Control': 'no-store',
    });
  });
