import { Hono } from 'hono';
import * as z from 'zod';
import type { Env } from '../context.ts';
import { memberId } from '../members/member-id.ts';
import { callerId, integer, validate } from '../validate.ts';
import { cancel, confirm, move } from './change.ts';
import { put } from './put.ts';

const ownId = validate('param', z.strictObject({ id: callerId }));
const answer = z.union([z.string().min(1).max(1000), z.number()]);

/** What a member claims, and does with it. */
export const claims = new Hono<Env>()
  .put(
    '/claims/:id',
    ownId,
    validate(
      'json',
      z.strictObject({
        benefit: integer(1),
        session: integer(1).nullable().default(null),
        quantity: integer(1, 100).default(1),
        waits: z.boolean().default(false),
        answers: z.record(z.string().max(40), answer).default({}),
        member: memberId.nullable().default(null),
      }),
    ),
    async (c) => {
      const { id } = c.req.valid('param');
      const { isNew, claimed } = await put(c, { id, ...c.req.valid('json') });
      return c.json(claimed, isNew ? 201 : 200);
    },
  )
  .post('/claims/:id/confirmation', ownId, async (c) =>
    c.json(await confirm(c, c.req.valid('param').id), 200),
  )
  .post('/claims/:id/cancellation', ownId, async (c) =>
    c.json(await cancel(c, c.req.valid('param').id), 200),
  )
  .post(
    '/claims/:id/move',
    ownId,
    validate('json', z.strictObject({ session: integer(1) })),
    async (c) => c.json(await move(c, c.req.valid('param').id, c.req.valid('json').session), 200),
  );
