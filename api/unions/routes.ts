import { Hono } from 'hono';
import * as z from 'zod';
import { createBenefit } from '../benefits/terms-create.ts';
import { listBenefitsOf } from '../benefits/terms-list.ts';
import { newTerms } from '../benefits/terms.ts';
import type { Env } from '../context.ts';
import { numberInUrl, validate } from '../validate.ts';
import { foundUnion, newUnion } from './found.ts';
import { listUnions } from './list.ts';
import { surveyUnion } from './overview.ts';
import { newName, renameUnion } from './rename.ts';
import { newThreshold, setThreshold } from './threshold.ts';

const id = validate('param', z.strictObject({ id: numberInUrl() }));

export const unions = new Hono<Env>()
  .get(
    '/unions',
    validate('query', z.strictObject({ levelMax: numberInUrl(4).default(4) })),
    async (c) => c.json({ unions: await listUnions(c, c.req.valid('query').levelMax) }, 200),
  )
  .post('/unions', validate('json', newUnion), async (c) =>
    c.json(await foundUnion(c, c.req.valid('json')), 201),
  )
  .patch('/unions/:id', id, validate('json', newName), async (c) =>
    c.json(await renameUnion(c, c.req.valid('param').id, c.req.valid('json')), 200),
  )
  .put('/unions/:id/threshold', id, validate('json', newThreshold), async (c) => {
    const done = await setThreshold(c, c.req.valid('param').id, c.req.valid('json'));
    return 'proposal' in done ? c.json(done, 202) : c.json(done, 200);
  })
  .get(
    '/unions/:id/overview',
    id,
    validate('query', z.strictObject({ days: numberInUrl(92).default(30) })),
    async (c) =>
      c.json(await surveyUnion(c, c.req.valid('param').id, c.req.valid('query').days), 200),
  )
  .get('/unions/:id/benefits', id, async (c) =>
    c.json({ benefits: await listBenefitsOf(c, c.req.valid('param').id) }, 200),
  )
  .post('/unions/:id/benefits', id, validate('json', newTerms), async (c) =>
    c.json(await createBenefit(c, c.req.valid('param').id, c.req.valid('json')), 201),
  );
