import { Hono } from 'hono';
import * as z from 'zod';
import type { Env } from '../context.ts';
import { cursor } from '../cursor.ts';
import { callerId, validate } from '../validate.ts';
import { deny } from './deny.ts';
import { listHistory } from './history.ts';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** A member's own redemptions. */
export const ownRedemptions = new Hono<Env>()
  .get(
    '/me/redemptions',
    validate('query', z.strictObject({ cursor: cursor(uuid).optional() })),
    async (c) => c.json(await listHistory(c, c.req.valid('query').cursor), 200),
  )
  .post(
    '/me/redemptions/:id/alert',
    validate('param', z.strictObject({ id: callerId })),
    async (c) => {
      const { isNew } = await deny(c, c.req.valid('param').id);
      return c.json({ alerted: true }, isNew ? 201 : 200);
    },
  );
