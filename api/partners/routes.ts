import { Hono } from 'hono';
import * as z from 'zod';
import type { Env } from '../context.ts';
import { partner as partnerTable } from '../../db/schema/partners.ts';
import { numberInUrl, text, validate } from '../validate.ts';
import { admitPartner, removePartner } from './admit.ts';
import { listPartners } from './list.ts';

const filter = validate(
  'query',
  z.strictObject({
    kind: z.enum(partnerTable.kind.enumValues).exactOptional(),
    district: numberInUrl().exactOptional(),
    q: text(60).exactOptional(),
  }),
);
const pair = validate('param', z.strictObject({ id: numberInUrl(), partner: numberInUrl() }));
const reason = validate('json', z.strictObject({ reason: text(200) }));

export const partners = new Hono<Env>()
  .get('/partners', filter, async (c) =>
    c.json({ partners: await listPartners(c, c.req.valid('query')) }, 200),
  )
  .put('/benefits/:id/partners/:partner', pair, reason, async (c) => {
    const { id, partner } = c.req.valid('param');
    return c.json(await admitPartner(c, id, partner, c.req.valid('json').reason), 200);
  })
  .delete('/benefits/:id/partners/:partner', pair, reason, async (c) => {
    const { id, partner } = c.req.valid('param');
    return c.json(await removePartner(c, id, partner, c.req.valid('json').reason), 200);
  });
