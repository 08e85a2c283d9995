import { Hono } from 'hono';
import * as z from 'zod';
import type { Env } from '../context.ts';
import { cursor, pageLimit } from '../cursor.ts';
import { inOrder, localDay, numberInUrl, validate } from '../validate.ts';
import { listAudit } from './list.ts';
import { actions, subjects } from './record.ts';
import { verifyUnion } from './verification.ts';

const word = z.string().regex(/^[\w-]{1,40}$/);
const filter = validate(
  'query',
  inOrder(
    z.strictObject({
      action: z.enum(actions).exactOptional(),
      subject: z.enum(subjects).exactOptional(),
      subjectId: word.exactOptional(),
      union: numberInUrl().exactOptional(),
      by: word.exactOptional(),
      from: localDay.exactOptional(),
      to: localDay.exactOptional(),
      cursor: cursor(/^\d{1,15}$/).exactOptional(),
      limit: pageLimit,
    }),
  ),
);

const id = validate('param', z.strictObject({ id: numberInUrl() }));

export const audit = new Hono<Env>()
  .get('/audit', filter, async (c) => c.json(await listAudit(c, c.req.valid('query')), 200))
  .get('/unions/:id/audit/verification', id, async (c) =>
    c.json(await verifyUnion(c, c.req.valid('param').id), 200),
  );
