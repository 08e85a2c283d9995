import { Hono } from 'hono';
import * as z from 'zod';
import type { Env } from '../context.ts';
import { numberInUrl, text, validate } from '../validate.ts';
import { inviteOperator, newOperator } from './invite.ts';
import { listOperators } from './list.ts';
import { removeOperator } from './remove.ts';
import { readmitOperator, suspendOperator } from './suspend.ts';

const id = validate('param', z.strictObject({ id: numberInUrl() }));
const reason = validate('json', z.strictObject({ reason: text(200) }));

export const operators = new Hono<Env>()
  .get('/operators', async (c) => c.json({ operators: await listOperators(c) }, 200))
  .post('/operators', validate('json', newOperator), async (c) =>
    c.json(await inviteOperator(c, c.req.valid('json')), 201),
  )
  .delete('/operators/:id', id, reason, async (c) =>
    c.json(await removeOperator(c, c.req.valid('param').id, c.req.valid('json').reason), 200),
  )
  .post('/operators/:id/suspension', id, reason, async (c) =>
    c.json(await suspendOperator(c, c.req.valid('param').id, c.req.valid('json').reason), 200),
  )
  .delete('/operators/:id/suspension', id, reason, async (c) =>
    c.json(await readmitOperator(c, c.req.valid('param').id, c.req.valid('json').reason), 200),
  );
