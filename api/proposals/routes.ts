import { Hono } from 'hono';
import * as z from 'zod';
import type { Env } from '../context.ts';
import { cursor, pageLimit } from '../cursor.ts';
import { numberInUrl, text, validate } from '../validate.ts';
import { declineProposal, withdrawProposal } from './close.ts';
import { confirmProposal } from './confirm.ts';
import { listProposals } from './list.ts';

const id = validate('param', z.strictObject({ id: numberInUrl() }));
const reason = validate('json', z.strictObject({ reason: text(200) }));
const remark = validate('json', z.strictObject({ reason: text(200).exactOptional() }));
const filter = validate(
  'query',
  z.strictObject({
    state: z.enum(['open', 'decided']).exactOptional(),
    union: numberInUrl().exactOptional(),
    cursor: cursor(/^\d{1,15}$/).exactOptional(),
    limit: pageLimit,
  }),
);

export const proposals = new Hono<Env>()
  .get('/proposals', filter, async (c) => c.json(await listProposals(c, c.req.valid('query')), 200))
  .post('/proposals/:id/confirmation', id, remark, async (c) => {
    const { reason: said } = c.req.valid('json');
    return c.json(await confirmProposal(c, c.req.valid('param').id, said ?? null), 200);
  })
  .post('/proposals/:id/refusal', id, reason, async (c) =>
    c.json(await declineProposal(c, c.req.valid('param').id, c.req.valid('json').reason), 200),
  )
  .post('/proposals/:id/withdrawal', id, reason, async (c) =>
    c.json(await withdrawProposal(c, c.req.valid('param').id, c.req.valid('json').reason), 200),
  );
