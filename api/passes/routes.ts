import { Hono } from 'hono';
import { etag } from 'hono/etag';
import type { Env } from '../context.ts';
import { readPublicKeys } from './queries.ts';

/** Outside /api, where every JOSE library looks. A copy may be five minutes old: keys are published earlier than that. */
export const wellKnown = new Hono<Env>().get('/.well-known/jwks.json', etag(), async (c) => {
  const keys = await readPublicKeys(c.env.sql);
  return c.json(
    {
      keys: keys.map(({ kid, publicJwk: { kty, crv, x, y } }) => ({
        ...{ kty, crv, x, y },
        ...{ kid: String(kid), alg: 'ES256', use: 'sig' },
      })),
    },
    200,
    {
      'Content-Type': 'application/jwk-set+json',
      'Cache-Control': 'public, max-age=300, must-revalidate',
      'Access-Control-Allow-Origin': '*',
      'X-Content-Type-Options': 'nosniff',
    },
  );
});
