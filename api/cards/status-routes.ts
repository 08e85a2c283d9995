import { Hono } from 'hono';
import type { Env } from '../context.ts';
import { cardStatus } from './status.ts';

/** What a counter keeps for the time without a network. Most ask for a list they have: it is not even made for them. */
export const cardStatusList = new Hono<Env>().get('/card-status', async (c) => {
  const { tag, write } = await cardStatus(c);
  c.header('ETag', tag);
  c.header('Cache-Control', 'private, no-cache');
  if (c.req.header('If-None-Match') === tag) return c.body(null, 304);
  return c.body(await write(), 200, { 'Content-Type': 'application/octet-stream' });
});
