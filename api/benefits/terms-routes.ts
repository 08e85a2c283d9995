import { Hono } from 'hono';
import * as z from 'zod';
import type { Env } from '../context.ts';
import { integer, numberInUrl, text, validate } from '../validate.ts';
import { funding } from './funding.ts';
import { previewFunding } from './preview-funding.ts';
import { setStage } from './set-stage.ts';
import { changeTerms } from './terms-change.ts';
import { pauseBenefit, resumeBenefit } from './terms-pause.ts';
import { readTerms } from './terms-read.ts';
import { changedTerms } from './terms.ts';

const id = validate('param', z.strictObject({ id: numberInUrl() }));
const reason = validate('json', z.strictObject({ reason: text(200) }));
const stage = validate(
  'json',
  z.strictObject({ stage: z.enum(['test', 'published', 'ended']), reason: text(200) }),
);
const preview = validate(
  'json',
  z.strictObject({ funding, priceFen: integer(0, 100_000_000), quantity: integer(1, 100) }),
);
const change = validate('json', changedTerms);

export const terms = new Hono<Env>()
  .get('/benefits/:id/terms', id, async (c) =>
    c.json(await readTerms(c, c.req.valid('param').id), 200),
  )
  .patch('/benefits/:id/terms', id, change, async (c) => {
    const changed = await changeTerms(c, c.req.valid('param').id, c.req.valid('json'));
    return 'proposal' in changed ? c.json(changed, 202) : c.json(changed, 200);
  })
  .put('/benefits/:id/stage', id, stage, async (c) =>
    c.json(await setStage(c, c.req.valid('param').id, c.req.valid('json')), 200),
  )
  .post('/funding-previews', preview, async (c) =>
    c.json(await previewFunding(c, c.req.valid('json')), 200),
  )
  .post('/benefits/:id/pause', id, reason, async (c) =>
    c.json(await pauseBenefit(c, c.req.valid('param').id, c.req.valid('json').reason), 200),
  )
  .post('/benefits/:id/resume', id, reason, async (c) =>
    c.json(await resumeBenefit(c, c.req.valid('param').id, c.req.valid('json').reason), 200),
  );
