import { Hono } from 'hono';
import * as z from 'zod';
import type { Env } from '../context.ts';
import { pageLimit } from '../cursor.ts';
import { numberInUrl, validate } from '../validate.ts';
import { days, inOrder } from './days.ts';
import { fileOf, pictures } from './file.ts';
import { surveyFlows } from './flows.ts';
import { surveyTakeUp } from './take-up.ts';
import { surveyUnmet } from './unmet.ts';
import { surveyUnused } from './unused.ts';
import { surveyUnusual } from './unusual.ts';

const id = validate('param', z.strictObject({ id: numberInUrl() }));
const ofDays = validate('query', inOrder(z.strictObject(days)));
const month = z
  .string()
  .regex(/^20\d\d-(0[1-9]|1[0-2])-01$/, 'must be the first day of a month')
  .exactOptional();
const percent = numberInUrl(100).default(10);

/** What a union sees of itself: pictures of counts, each with its table and its file. */
export const insights = new Hono<Env>()
  .get('/unions/:id/flows', id, ofDays, async (c) =>
    c.json(await surveyFlows(c, c.req.valid('param').id, c.req.valid('query')), 200),
  )
  .get(
    '/unions/:id/take-up',
    id,
    validate(
      'query',
      z.strictObject({ month, after: numberInUrl(32_767).default(0), limit: pageLimit }),
    ),
    async (c) => c.json(await surveyTakeUp(c, c.req.valid('param').id, c.req.valid('query')), 200),
  )
  .get('/unions/:id/unused', id, validate('query', z.strictObject({ percent })), async (c) =>
    c.json(await surveyUnused(c, c.req.valid('param').id, c.req.valid('query').percent), 200),
  )
  .get('/unions/:id/unusual', id, async (c) =>
    c.json(await surveyUnusual(c, c.req.valid('param').id), 200),
  )
  .get('/unions/:id/unmet', id, ofDays, async (c) =>
    c.json(await surveyUnmet(c, c.req.valid('param').id, c.req.valid('query')), 200),
  )
  .get(
    '/unions/:id/insights/:picture',
    validate('param', z.strictObject({ id: numberInUrl(), picture: z.enum(pictures) })),
    validate(
      'query',
      inOrder(
        z.strictObject({
          ...days,
          month,
          percent,
          language: z.enum(['zh-CN', 'en']).default('zh-CN'),
        }),
      ),
    ),
    async (c) => {
      const { id: union, picture } = c.req.valid('param');
      return c.body(await fileOf(c, union, picture, c.req.valid('query')), 200, {
        'Content-Type': 'text/csv; charset=utf-8',
        'Content-Disposition': `attachment; filename="${picture}.csv"`,
        'Cache-Control': 'no-store',
      });
    },
  );
