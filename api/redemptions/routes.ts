import { Hono } from 'hono';
import * as z from 'zod';
import type { Env } from '../context.ts';
import { ticketLengthMax } from '../scans/ticket.ts';
import { callerId, integer, numberInUrl, text, validate } from '../validate.ts';
import { put } from './put.ts';
import { reverse } from './reverse.ts';
import { listToday } from './today.ts';

const ownId = validate('param', z.strictObject({ id: callerId }));

export const redemptions = new Hono<Env>()
  .put(
    '/redemptions/:id',
    ownId,
    validate(
      'json',
      z.strictObject({
        ticket: z.string().min(1).max(ticketLengthMax),
        benefit: integer(1),
        quantity: integer(1, 100),
      }),
    ),
    async (c) => {
      const { id } = c.req.valid('param');
      const { isNew, redeemed } = await put(c, { id, ...c.req.valid('json') });
      return c.json(redeemed, isNew ? 201 : 200);
    },
  )
  .post(
    '/redemptions/:id/reversal',
    ownId,
    validate('json', z.strictObject({ id: callerId, reason: text(200) })),
    async (c) => {
      const { id: redemptionId } = c.req.valid('param');
      const { isNew, at } = await reverse(c, { redemptionId, ...c.req.valid('json') });
      return c.json({ at }, isNew ? 201 : 200);
    },
  )
  .get(
    '/outlets/:id/redemptions',
    validate('param', z.strictObject({ id: numberInUrl() })),
    async (c) => c.json(await listToday(c, c.req.valid('param').id), 200),
  );
