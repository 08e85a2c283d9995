import { Hono } from 'hono';
import * as z from 'zod';
import type { Env } from '../context.ts';
import { numberInUrl, validate } from '../validate.ts';
import { listNotices } from './list.ts';

export const notices = new Hono<Env>().get(
  '/me/notices',
  validate('query', z.strictObject({ benefit: numberInUrl().exactOptional() })),
  async (c) => c.json({ notices: await listNotices(c, c.req.valid('query').benefit) }, 200),
);
