import { Hono } from 'hono';
import * as z from 'zod';
import type { Env } from '../context.ts';
import { text, validate } from '../validate.ts';
import { erase } from './erase.ts';
import { showOwnData } from './own-data.ts';

/** What is stored about the caller as a member, and its end. */
export const ownData = new Hono<Env>()
  .get('/me/data', async (c) => {
    c.header('Cache-Control', 'private, no-store');
    return c.json(await showOwnData(c), 200);
  })
  .post('/me/erasure', validate('json', z.strictObject({ name: text(50) })), async (c) => {
    await erase(c, c.req.valid('json').name);
    return c.json({ status: true as const }, 200);
  });
