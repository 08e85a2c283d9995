import { Hono } from 'hono';
import * as z from 'zod';
import type { Env } from '../context.ts';
import { numberInUrl, text, validate } from '../validate.ts';
import { changeTerms } from './terms-change.ts';
import { pauseBenefit, resumeBenefit } from './terms-pause.ts';
import { readTerms } from './terms-read.ts';
import { changedTerms } from './terms.ts';

const id = validate('param', z.strictObject({ id: numberInUrl() }));
const reason = validate('json', z.strictObject({ reason: text(200) }));
const change = validate('json', changedTerms);

export const terms = new Hono<Env>()
  .get('/benefits/:id/terms', id, async (c) =>
    c.json(await readTerms(c, c.req.valid('param').id), 200),
  )
  .patch('/benefits/:id/terms', id, change, async (c) =>
    c.json(await changeTerms(c, c.req.valid('param').id, c.req.valid('json')), 200),
  )
  .post('/benefits/:id/pause', id, reason, async (c) =>
    c.json(await pauseBenefit(c, c.req.valid('param').id, c.req.valid('json').reason), 200),
  )
  .post('/benefits/:id/resume', id, reason, async (c) =>
    c.json(await resumeBenefit(c, c.req.valid('param').id, c.req.valid('json').reason), 200),
  );
