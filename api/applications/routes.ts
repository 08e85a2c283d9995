import { Hono } from 'hono';
import * as z from 'zod';
import { application } from '../../db/schema/applications.ts';
import type { Env } from '../context.ts';
import { pageLimit } from '../cursor.ts';
import { integer, numberInUrl, text, validate } from '../validate.ts';
import { decideApplication } from './decide.ts';
import { listApplications, readApplication } from './list.ts';
import { listOwnApplications } from './own.ts';
import { answeredApplication, newApplication } from './shape.ts';
import { answerApplication, submitApplication, withdrawApplication } from './submit.ts';

const id = validate('param', z.strictObject({ id: numberInUrl() }));

const page = validate(
  'query',
  z.strictObject({
    union: numberInUrl().exactOptional(),
    state: z.enum(application.state.enumValues).exactOptional(),
    after: numberInUrl().exactOptional(),
    limit: pageLimit,
  }),
);

const decision = validate(
  'json',
  z.strictObject({
    decision: z.enum(['ask', 'accept', 'decline']),
    version: integer(1),
    reason: text(200),
  }),
);

export const applications = new Hono<Env>()
  .post('/applications', validate('json', newApplication), async (c) =>
    c.json(await submitApplication(c, c.req.valid('json')), 201),
  )
  .get('/applications', page, async (c) => {
    const { limit, ...filter } = c.req.valid('query');
    return c.json(await listApplications(c, filter, limit), 200);
  })
  .get('/applications/:id', id, async (c) =>
    c.json(await readApplication(c, c.req.valid('param').id), 200),
  )
  .post('/applications/:id/decision', id, decision, async (c) =>
    c.json(await decideApplication(c, c.req.valid('param').id, c.req.valid('json')), 200),
  )
  .get('/me/applications', async (c) => c.json({ applications: await listOwnApplications(c) }, 200))
  .put('/me/applications/:id', id, validate('json', answeredApplication), async (c) =>
    c.json(await answerApplication(c, c.req.valid('param').id, c.req.valid('json')), 200),
  )
  .delete('/me/applications/:id', id, async (c) =>
    c.json(await withdrawApplication(c, c.req.valid('param').id), 200),
  );
