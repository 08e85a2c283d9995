import { Hono } from 'hono';
import * as z from 'zod';
import { categoryLimit } from '../../db/schema/benefits.ts';
import type { Env } from '../context.ts';
import { integer, numberInUrl, text, validate } from '../validate.ts';
import { burnDown, burnFile } from './burn.ts';
import { listCategoryLimits, setCategoryLimit } from './category-limits.ts';
import { listBudgets } from './list.ts';
import { setBudget } from './set.ts';

const year = numberInUrl(2100).pipe(z.int().min(2020));
const id = validate('param', z.strictObject({ id: numberInUrl() }));
const ofYear = validate('param', z.strictObject({ id: numberInUrl(), year }));
const percents = z
  .array(integer(1, 100))
  .max(5)
  .refine(
    (list) => list.every((one, i) => i === 0 || one > (list[i - 1] ?? 0)),
    'must rise, each once',
  );
const amount = validate(
  'json',
  z.strictObject({
    amountFen: z.int().min(0).max(100_000_000_000_000),
    alertPercents: percents,
    version: integer(0),
    reason: text(200),
  }),
);
const ofKind = validate(
  'param',
  z.strictObject({ id: numberInUrl(), kind: z.enum(categoryLimit.kind.enumValues) }),
);
const limit = validate(
  'json',
  z.strictObject({
    limitCount: integer(1, 10_000).nullable(),
    limitPeriod: z.enum(categoryLimit.limitPeriod.enumValues),
    reason: text(200),
  }),
);

export const budgets = new Hono<Env>()
  .get('/unions/:id/budgets/:year', ofYear, async (c) => {
    const { id: unionId, year: asked } = c.req.valid('param');
    return c.json({ budgets: await listBudgets(c, unionId, asked) }, 200);
  })
  .put('/unions/:id/budgets/:year', ofYear, amount, async (c) => {
    const { id: unionId, year: asked } = c.req.valid('param');
    const { amountFen, alertPercents, ...rest } = c.req.valid('json');
    const set = await setBudget(c, { unionId, year: asked, amountFen, alertPercents }, rest);
    return 'proposal' in set ? c.json(set, 202) : c.json(set, 200);
  })
  .get('/unions/:id/budgets/:year/burn', ofYear, async (c) => {
    const { id: unionId, year: asked } = c.req.valid('param');
    return c.json(await burnDown(c, unionId, asked), 200);
  })
  .get('/unions/:id/budgets/:year/burn.csv', ofYear, async (c) => {
    const { id: unionId, year: asked } = c.req.valid('param');
    return c.body(burnFile(await burnDown(c, unionId, asked)), 200, {
      'Content-Type': 'text/csv; charset=utf-8',
      'Content-Disposition': `attachment; filename="budget-${unionId}-${asked}.csv"`,
    });
  })
  .get('/unions/:id/category-limits', id, async (c) =>
    c.json(await listCategoryLimits(c, c.req.valid('param').id), 200),
  )
  .put('/unions/:id/category-limits/:kind', ofKind, limit, async (c) => {
    const { id: unionId, kind } = c.req.valid('param');
    return c.json(await setCategoryLimit(c, unionId, kind, c.req.valid('json')), 200);
  });
