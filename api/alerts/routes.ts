import { Hono } from 'hono';
import * as z from 'zod';
import type { Env } from '../context.ts';
import { cursor, pageLimit } from '../cursor.ts';
import { numberInUrl, text, validate } from '../validate.ts';
import { closeAlert } from './close.ts';
import { listAlerts } from './list.ts';

const filter = validate(
  'query',
  z.strictObject({
    state: z.enum(['open', 'closed']).exactOptional(),
    union: numberInUrl().exactOptional(),
    cursor: cursor(/^\d{1,15}$/).exactOptional(),
    limit: pageLimit,
  }),
);
const id = validate('param', z.strictObject({ id: numberInUrl() }));
const reason = validate('json', z.strictObject({ reason: text(200) }));

export const alerts = new Hono<Env>()
  .get('/alerts', filter, async (c) => c.json(await listAlerts(c, c.req.valid('query')), 200))
  .post('/alerts/:id/close', id, reason, async (c) =>
    c.json(await closeAlert(c, c.req.valid('param').id, c.req.valid('json').reason), 200),
  );
