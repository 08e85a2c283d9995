import { Hono } from 'hono';
import { etag } from 'hono/etag';
import type { Env } from '../context.ts';
import { publicKeys } from './public-keys.ts';

/** Outside /api, where every JOSE library looks. A copy may be five minutes old: keys are published earlier than that. */
export const wellKnown = new Hono<Env>().get('/.well-known/jwks.json', etag(), async (c) => {
  return c.json({ keys: await publicKeys(c.env.sql) }, 200, {
    'Content-Type': 'application/jwk-set+json',
    'Cache-Control': 'public, max-age=300, must-revalidate',
    'Access-Control-Allow-Origin': '*',
    'X-Content-Type-Options': 'nosniff',
  });
});
