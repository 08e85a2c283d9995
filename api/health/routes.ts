import { Hono } from 'hono';
import type { Env } from '../context.ts';

export const health = new Hono<Env>()
  /** Touches nothing: the process answers. */
  .get('/health', (c) => c.json({ status: 'ok' }))
  /** Asks the database through one of our functions, so it also proves that the functions are there. */
  .get('/health/ready', async (c) => {
    const [row] = await c.env.sql<{ now: Date }[]>`select clock() as now`;
    return c.json({ status: 'ready', now: row?.now.toISOString() });
  });
